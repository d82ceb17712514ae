#!/bin/bash
# time limit: 300
# The kernel keeps a link for 2 s after its last socket: eight in a row, each
# right after the other.
set -eu
. "$S/tests/vm/lib.sh"

identities
serve </dev/null
for n in {1..8}; do
	expect 0 blesec-connect -v --dir phone "$HCI1" </dev/null >connect.json
	grep -q '"secured"' connect.json || fail "number $n was not secured"
done
expect 0 stop_serve
