#!/bin/bash
# time limit: 400
# --reconnect before the peer appears, and after it has gone.
set -eu
. "$S/tests/vm/lib.sh"

identities
blesec-connect --reconnect --connect-timeout 8 --dir phone "$HCI1" \
	< <(exec sleep 1000) >connect.json 2>connect.err &
client=$!
wait_for 10 holds connect.json '"waiting"' || fail "no waiting event"
serve </dev/null
wait_for 20 holds connect.json '"secured"' || fail "not connected"
kill -9 "$server"
# A killed peripheral's adapter goes on advertising, but does not answer.
mgmt --index 1 clr-adv >/dev/null
wait_for 10 holds connect.json '"closed"'
wait_for 10 no_links
serve < <(exec sleep 1000)
twice() { [ "$(grep -c secured connect.json)" = 2 ]; }
wait_for 40 twice ||
	fail "not connected again"
kill "$client"
expect 0 wait "$client"
expect 0 stop_serve
