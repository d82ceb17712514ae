#!/bin/bash
# A peer with a good certificate claims another address, type or role, sends the
# same data twice, or says that it has paired when it has not: neither side
# prints "paired", and the session goes on. An honest peer is paired.
# takes: 20 s
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"
script=$S/tests/vm/scenarios/a-certified-peer-that-lies-is-not-paired.py

identities

serve --pair </dev/null
python3 "$script" serve ||
	fail "$(cat "$T"/serve.json "$T"/serve.err)"
stop_serve

blesec-oob read hci1 >/dev/null # which switches it on
mgmt --index 1 connectable on >/dev/null
mgmt --index 1 advertising on >/dev/null
python3 "$script" connect ||
	fail "$(cat "$T/connect.json")"
