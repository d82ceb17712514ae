#!/bin/bash
# The central or the peripheral loses the link after one of a sample of PDUs
# (three; with check --long fifteen), in the handshake or later: both tools
# report a lost link with status 5, the lines received are in order, and the
# next session works. If the link was lost before the session was secured, the
# central connects once more.
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"
script=$S/tests/vm/scenarios/a-link-lost-at-any-moment.py

identities

serve </dev/null
blesec-oob read hci0 >/dev/null		# switches it on
before=$(pgrep -c -P "$server")
python3 "$script" serve ||
	fail "$(tail -n 5 serve.json serve.err)"
wait_for 10 sh -c "[ \$(pgrep -c -P $server) = $before ]" ||
	fail "processes left"
expect 0 stop_serve

mgmt --index 1 le on >/dev/null
mgmt --index 1 connectable on >/dev/null
mgmt --index 1 power on >/dev/null
mgmt --index 1 advertising on >/dev/null
python3 "$script" connect ||
	fail "$(cat connect.json)"
