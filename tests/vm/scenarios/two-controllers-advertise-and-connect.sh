#!/bin/bash
# hci0 finds hci1 by its advertising, and data sent on one side of an ATT
# channel arrives at the other.
# time limit: 300
set -eu
# shellcheck source=tests/vm/lib.sh
. "$S/tests/vm/lib.sh"

mgmt --index 1 le on
mgmt --index 1 connectable on
mgmt --index 1 power on
mgmt --index 1 advertising on

# btvirt reports an advertiser once per scan, at times before hcitool listens.
# Powered off after each, as the kernel does not know of this scanning.
seen()
{
	hciconfig hci0 up
	timeout 3 stdbuf -oL hcitool -i hci0 lescan >"$T/found"
	hciconfig hci0 down
	grep "^$HCI1" "$T/found"
}
wait_for 20 seen || fail "hci0 does not see $HCI1"

mgmt --index 0 le on
mgmt --index 0 power on
# -J 4: the fixed channel of ATT
timeout 120 stdbuf -oL l2test -i hci1 -V le_public -J 4 -r -b 100 >"$T/peripheral" 2>&1 &
wait_for 5 holds "$T/peripheral" Waiting || fail "no listener"
timeout 60 l2test -i hci0 -V le_public -J 4 -s -N 5 -b 100 "$HCI1" \
	>"$T/central" 2>&1 || :
wait_for 5 holds "$T/peripheral" '100 bytes' || :
cat "$T/central" "$T/peripheral"
grep -q "Connected to $HCI0" "$T/peripheral" || fail "no connection from $HCI0"
grep -q '100 bytes' "$T/peripheral" || fail "nothing received"
