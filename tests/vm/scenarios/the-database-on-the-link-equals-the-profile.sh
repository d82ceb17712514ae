#!/bin/bash
# The same profile, found in four ways: by BlueZ's gatttool and bluetoothctl on
# the link, by a client that is neither BlueZ's nor ours, and in the channel by
# blesec-connect: the same services, characteristics and descriptors at the same
# handles, in the profile's order.
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"

export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1
identities
cp "$S/tests/lib/profile.json" .
echo -n "of a file" >value
mkfifo lines
serve --profile profile.json <>lines
blesec-oob read hci0 >/dev/null		# switches it on

# From handle 1 to the last, a line each: what it is, handle, UUID and the rest.
# Only the tunnel's own service is on the link alone.
tunnel=92920001
long() # UUIDs of 4 digits as BlueZ prints them
{
	sed -E 's/\b([0-9a-f]{4})\b$/0000\1-0000-1000-8000-00805f9b34fb/'
}
# Each on a link of its own: gatttool may come to that of the last one while the
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
python3 - <<'END'
import json, os
import le
from att import Att

def uuid(text):
    if len(text) == 4:
        text = f"0000{text}00001000800000805f9b34fb"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

att = Att(le.connect(os.environ["HCI0"], os.environ["HCI1"]))
def put(name, lines):
    with open(name, "w") as file:
        file.writelines(line + "\n" for line in sorted(lines))
primary, secondary = att.services(), att.services(0x2801)
put("att.primary", [f"0x{first:04x} 0x{last:04x} {uuid(u)}"
                    for u, first, last in primary])
found = att.discover()
put("att.secondary", [f"0x{first:04x} 0x{last:04x} {uuid(u)}"
                      for u, first, last in secondary])
put("att.characteristics", [f"0x{c.handle:04x} 0x{c.properties:02x} "
                            f"0x{c.value:04x} {uuid(c.uuid)}" for c in found])
put("att.attributes", [f"0x{h:04x} {uuid(u)}"
                       for u, h in att.descriptors(1, 0xffff)])
# As the channel has it: without the tunnel.
tunnel = [s for s in primary if s[0].startswith("92920001")]
assert len(tunnel) == 1
inside = lambda h: h < tunnel[0][1]
with open("profile.json") as file:
    profile = json.load(file)
ours = sorted(s for s in primary + secondary if inside(s[1]))
ours = [(s[0], s[1], s in primary) for s in sorted(ours, key=lambda s: s[1])]
assert [s[0] for s in ours] == ["1800", "1801", "180f", "180d",
                                "7d0e00011f3c4d5a9a606f2b1c7e8d90"], ours
assert [s[2] for s in ours[2:]] == \
    [s.get("type", "primary") == "primary" for s in profile["services"]]
# Of each service, as many as the profile has.
ends = [s[1] for s in ours[1:]] + [tunnel[0][1]]
for mine, end, said in list(zip(ours, ends, [None] * 2 +
                                profile["services"]))[2:]:
    assert len([c for c in found if mine[1] < c.handle < end]) == \
        len(said["characteristics"]), (mine, said)
put("att.found", [f"service {h} {uuid(u)} {str(p).lower()}"
                  for u, h, p in ours] +
    [f"characteristic {c.value} {uuid(c.uuid)}" for c in found
     if inside(c.handle)] +
    [f"descriptor {h} {uuid(u)}" for c in found if inside(c.handle)
     for u, h in c.descriptors.items()])
END
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

# By bluetoothctl. bluetoothd has ATT of both adapters, but who listens last gets
# the centrals of one. It does not show Generic Access.
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
heard() { wait_for 30 grep -q "$1" ctl.out || fail "no $1: $(tail -n 30 ctl.out)"; }
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
# It is all there when the last is.
read -r last uuid < <(tail -n 1 att.attributes)
listed()
{
	sed '1,/gatt.list-attributes/d' ctl.out | grep -A 1 "desc${last#0x}" |
		grep -q "$uuid"
}
wait_for 30 listed || fail "not listed: $(tail -n 30 ctl.out)"
python3 - <<'END'
import re

def lines(name):
    with open(name) as file:
        return [line.split() for line in file.read().splitlines()]

mine = {int(h, 16): u for h, u in lines("att.attributes")}
values = {int(line[2], 16): line for line in lines("att.characteristics")}
services = {int(first, 16): (int(last, 16), u)
            for first, last, u in lines("att.primary") + lines("att.secondary")}
expected = set()
for first, (last, u) in services.items():
    if u.startswith("00001800"):
        continue
    expected.add(("service", first, u))
    for h in range(first + 1, last + 1):
        short = mine[h][4:8] if mine[h].startswith("0000") else ""
        if h in values:
            expected.add(("char", int(values[h][0], 16), mine[h]))
        elif short not in ("2802", "2803"):
            expected.add(("desc", h, mine[h]))
with open("ctl.out", errors="replace") as file:
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", file.read())
text = text[text.index("gatt.list-attributes"):]
found = {(kind, int(h, 16), u) for kind, h, u in re.findall(
    r"/(service|char|desc)([0-9a-f]{4})\s*\n\s*([0-9a-f-]{36})\b", text)}
print("more:", sorted(found - expected))
print("less:", sorted(expected - found))
assert found == expected
END
expect 0 stop_serve
