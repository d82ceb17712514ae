#!/bin/bash
# A characteristic of bluetoothd that demands LE Secure Connections with
# authentication: gatttool reads it once blesec-oob has paired, and not before.
# time limit: 150
set -eu
. "$S/tests/vm/lib.sh"

for d in dbus-daemon bluetoothctl gatttool; do
	command -v $d >/dev/null || skip "no $d"
done
printf '[General]\nControllerMode = le\n' >"$T/main.conf"
bluetooth_daemon -f "$T/main.conf"

# The application: one characteristic, for as long as bluetoothctl runs.
mkfifo "$T/ctl"
script -qfec bluetoothctl /dev/null <>"$T/ctl" >"$T/ctl.out" 2>&1 &
while read -r answer text; do
	wait_for 10 grep -qF -- "$answer" "$T/ctl.out" ||
		fail "no '$answer': $(cat "$T/ctl.out")"
	echo "$text" >"$T/ctl"
done <<-END
	Agent agent off
	unregistered select $HCI1
	$HCI1 menu gatt
	notify register-service 12345678-9abc-def0-1234-56789abcdef0
	yes/no yes
	Service register-characteristic 12345678-9abc-def0-1234-56789abcdef1 secure-read
	Enter 0x2a 0x17
	Characteristic register-application
END
wait_for 10 grep -q 'Application registered' "$T/ctl.out" ||
	fail "$(cat "$T/ctl.out")"
blesec-oob read hci0 >/dev/null
blesec-oob read hci1 >/dev/null
mgmt --index 1 add-adv -c 1 >/dev/null

tool()
{
	timeout 20 gatttool -i hci0 -b "$HCI1" "$@" \
		--char-read --uuid 12345678-9abc-def0-1234-56789abcdef1 2>&1
}
quiet() # bluetoothd would keep the link, or make it anew
{
	wait_for 15 unlinked || fail "the link stays: $(hcitool con)"
}
unlinked()
{
	mgmt --index 0 disconnect -t 1 "$HCI1" >/dev/null || :
	sleep 0.5
	! hcitool con | grep -q handle
}
out=$(tool --sec-level=low) || :
[[ $out != *2a\ 17* ]] || fail "readable without pairing"
quiet

mgmt --index 1 rm-adv 1 >/dev/null
swap_oob
# Without a bond bluetoothd forgets the key together with the device.
pair_respond --bond
pair_initiate --bond
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
quiet
mgmt --index 1 add-adv -c 1 >/dev/null
readable()
{
	# bluetoothd connects to a bonded device by itself.
	mgmt --index 0 clr-devices >/dev/null || :
	out=$(tool --sec-level=high) || :
	quiet
	[[ $out == *2a\ 17* ]]
}
wait_for 60 readable || fail "not readable: $out"

# And again not, without the key.
forget
out=$(tool --sec-level=low) || :
[[ $out != *2a\ 17* ]] || fail "readable without the key"
