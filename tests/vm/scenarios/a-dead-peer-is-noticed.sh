#!/bin/bash
# time limit: 400
# kill -9 of one end, then of the other; then the adapter is pulled out.
set -eu
. "$S/tests/vm/lib.sh"

start() {
	rm -f connect.json
	serve < <(exec sleep 1000)
	blesec-connect --dir phone "$HCI1" < <(exec sleep 1000) >connect.json \
		2>connect.err &
	client=$!
	wait_for 40 holds serve.json '"secured"'
	wait_for 40 holds connect.json '"secured"'
}
lost() { grep -Eq '"reason":"(link lost|silent)"' "$1"; }

identities
start
kill -9 "$server"
expect 5 wait "$client"
lost connect.json
wait_for 10 no_links
# The adapter of a killed tool goes on advertising (blesec(7), Adapters); btvirt
# would make two links for two sets of one controller.
mgmt --index 1 clr-adv >/dev/null

start
kill -9 "$client"
# Long before silence alone would end the session.
wait_for 8 lost serve.json || fail "blesec-serve did not notice"
wait_for 10 no_links
# and the next one is served
expect 0 blesec-connect --dir phone --wait 1 "$HCI1" </dev/null >again.json
grep -q '"secured"' again.json
expect 0 stop_serve
wait_for 10 no_links

start
controllers_down
expect 5 wait "$client"
expect 5 wait "$server"
grep -q 'hci1 has gone' serve.err
