#!/bin/bash
# The link is lost after each of a sample of PDUs of a session (three, with check
# --long fifteen), of the handshake and of what is carried, by the central and by the peripheral: both tools tell
# of a link that is lost, with status 5, what had been heard was in order, and
# the next session is good. A central makes a link that was lost before the
# session was secured once more.
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
