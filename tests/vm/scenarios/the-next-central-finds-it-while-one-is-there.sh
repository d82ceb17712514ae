#!/bin/bash
# A controller stops to advertise when a central connects; blesec-serve starts
# it again, so that the next one can join, as several-centrals-on-air shows.
set -eu
. "$S/tests/vm/lib.sh"

controllers_down
btvirt -l3 >/dev/null 2>&1 </dev/null &
wait_for 10 test -e /sys/class/bluetooth/hci2
sleep 1
identities
serve </dev/null
# The emulator reports an advertiser once, when a scan starts: hcitool, which
# opens its socket then, can miss it.
seen() {
	local try
	for try in 1 2 3 4; do
		hciconfig hci2 down
		hciconfig hci2 up
		timeout -s INT 2 hcitool -i hci2 lescan >scan 2>&1 || :
		! grep -q "^$HCI1" scan || return 0
	done
	echo "not in $try scans"
	return 1
}
seen || fail "not advertised before"
blesec-connect --dir phone --adapter hci0 "$HCI1" < <(exec sleep 60) \
	>connect.json &
client=$!
wait_for 20 grep -q '"secured"' connect.json
seen || fail "not advertised while a central is connected"
kill "$client"
expect 0 wait "$client"
expect 0 stop_serve
if seen; then
	fail "still advertised"
fi
