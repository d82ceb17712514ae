#!/bin/bash
# Four clients discover the same profile: BlueZ's gatttool and bluetoothctl and
# an independent client on the link, and blesec-connect in the channel. All find
# the same services, characteristics and descriptors at the same handles, in the
# profile's order.
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"

identities
cp "$S/tests/lib/profile.json" .
echo -n "of a file" >value
mkfifo lines
serve --profile profile.json <>lines
blesec-oob read hci0 >/dev/null		# switches it on

# From handle 1 to the last, a line each: kind, handle, UUID and the rest.
# Only the tunnel's own service is on the link alone.
tunnel=92920001
long() # UUIDs of 4 digits as BlueZ prints them
{
	sed -E 's/\b([0-9a-f]{4})\b$/0000\1-0000-1000-8000-00805f9b34fb/'
}
# Use a new link for each: gatttool might otherwise get the last one while the
# kernel ends it.
tool()
{
	wait_for 10 no_links
	timeout 60 gatttool -i hci0 -b "$HCI1" "$@" 2>&1
}
tool --primary | sed -n 's/^attr handle = \(.*\), end grp handle = \(.*\) uuid: /\1 \2 /p' |
	sort >tool.primary
tool --characteristics |
	sed -n 's/^handle = \(.*\), char properties = \(.*\), char value handle = \(.*\), uuid = /\1 \2 \3 /p' |
	sort >tool.characteristics
tool --char-desc | sed -n 's/^handle = \(.*\), uuid = /\1 /p' | long |
	sort >tool.attributes
[ -s tool.primary ] && [ -s tool.characteristics ] && [ -s tool.attributes ]

wait_for 20 no_links
python3 "$S/tests/vm/scenarios/the-database-on-the-link-equals-the-profile-found.py"
for what in primary characteristics attributes; do
	diff att.$what tool.$what || fail "gatttool: $what"
done
grep -q $tunnel att.primary

# In the channel.
wait_for 20 no_links
expect 0 blesec-connect --dir phone --discover "$HCI1" </dev/null >connect.json
jq -r 'def long: if length == 4 then "0000\(.)-0000-1000-8000-00805f9b34fb" else . end;
	select(.event == "service") |
		"service \(.handle) \(.uuid | long) \(.primary)"' connect.json >found
jq -r 'def long: if length == 4 then "0000\(.)-0000-1000-8000-00805f9b34fb" else . end;
	select(.event == "characteristic" or .event == "descriptor") |
		"\(.event) \(.handle) \(.uuid | long)"' connect.json >>found
LC_ALL=C sort found >found.sorted
LC_ALL=C sort att.found >att.sorted
diff att.sorted found.sorted || fail "in the channel"

# With bluetoothctl. bluetoothd owns ATT on both adapters, but the last listener
# on an adapter gets its centrals. It does not show Generic Access.
expect 0 stop_serve
for d in dbus-daemon bluetoothctl; do
	command -v $d >/dev/null || exit 0
done
wait_for 20 no_links
printf '[General]\nControllerMode = le\n' >main.conf
bluetooth_daemon -f "$T/main.conf" --noplugin=battery
serve --profile profile.json <>lines
mkfifo tty
script -qfec bluetoothctl /dev/null <>"$T/tty" >ctl.out &
say() { printf '%s\n' "$1" >"$T/tty"; }
heard() { wait_for 30 holds ctl.out "$1" || fail "no $1: $(tail -n 30 ctl.out)"; }
heard 'Agent registered'
say "select $HCI0"
say "power on"
heard 'power on succeeded'
say "scan le"
heard "Device $HCI1"
say "connect $HCI1"
heard 'Connection successful'
heard 'ServicesResolved: yes'
say "gatt.list-attributes $HCI1"
# When the last attribute is there, all are.
read -r last uuid < <(tail -n 1 att.attributes)
listed()
{
	sed '1,/gatt.list-attributes/d' ctl.out | grep -A 1 "desc${last#0x}" |
		grep -q "$uuid"
}
wait_for 30 listed || fail "not listed: $(tail -n 30 ctl.out)"
python3 "$S/tests/vm/scenarios/the-database-on-the-link-equals-the-profile-listed.py"
expect 0 stop_serve
