#!/bin/bash
# A controller stops advertising when a central connects; blesec-serve starts it
# again, so that the next one can join, as several-centrals-on-air shows.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

controllers_down
controllers_up 3
identities
serve </dev/null
seen hci2 || fail "not advertised before"
blesec-connect --dir phone --adapter hci0 "$HCI1" < <(exec sleep 1000) \
	>connect.json &
client=$!
wait_for 20 holds connect.json '"secured"'
seen hci2 || fail "not advertised while a central is connected"
kill "$client"
expect 0 wait "$client"
expect 0 stop_serve
if seen hci2; then
	fail "still advertised"
fi
