#!/bin/bash
# time limit: 300
# The kernel keeps a link for 2 s after its last socket. Connect four times,
# each right after the other; with check --long, eight times.
set -eu
. "$S/tests/vm/lib.sh"

times=4
[ -z "${BLESEC_LONG:-}" ] || times=8
identities
serve </dev/null
for ((n = 1; n <= times; n++)); do
	expect 0 blesec-connect -v --dir phone "$HCI1" </dev/null >connect.json
	grep -q '"secured"' connect.json || fail "number $n was not secured"
done
expect 0 stop_serve
