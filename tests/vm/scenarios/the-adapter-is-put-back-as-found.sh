#!/bin/bash
# An adapter that was down is down again afterwards, one that was up stays up,
# and no advertising is left behind.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
is() { hciconfig "$1" | grep -q "$2"; }
serve </dev/null
is hci1 UP
expect 0 blesec-connect --dir phone "$HCI1" </dev/null
expect 0 stop_serve
wait_for 5 is hci1 DOWN || fail "hci1 is still up"
wait_for 5 is hci0 DOWN || fail "hci0 is still up"
hciconfig hci1 up
hciconfig hci0 up
serve </dev/null
expect 0 blesec-connect --dir phone "$HCI1" </dev/null
expect 0 stop_serve
is hci1 UP || fail "hci1 was switched off"
is hci0 UP || fail "hci0 was switched off"
serve </dev/null
seen hci0 || fail "not advertised"
expect 0 stop_serve
if seen hci0; then
	fail "still advertised"
fi
