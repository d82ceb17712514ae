#!/bin/bash
# A peer with a good certificate that claims another address, type or role, that
# says the same data twice, or that says it has paired when it has not: nobody
# prints "paired", and the session goes on. One that tells the truth is paired.
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
