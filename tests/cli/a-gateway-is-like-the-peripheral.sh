#!/usr/bin/env bash
# A central finds at a gateway what it would find at the peripheral itself, and
# gets the same answers, octet for octet. Values are notified and indicated,
# and the gateway's own service shows what the peripheral advertises.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

identities
sed 's/echo you/echo text:you/; s/"both"/"link"/' "$S/tests/lib/profile.json" \
	>link.json
echo -n "of a file" >value
mkfifo lines
"$B/tools/blesec-serve" --dir sensor --profile link.json "unix:$T/peripheral" \
	<>lines >peripheral.json 2>peripheral.err &
await 10 test -S peripheral
serve --gateway "unix:$T/peripheral" <never
await 10 grep -q '"state":"ready"' serve.json

# The peripheral as our own client sees it, through the gateway and directly.
connect --discover <never >found.json
python3 "$S/tests/cli/a-gateway-is-like-the-peripheral-discovery.py" ||
	fail "$(cat found.json)"

# Send the same good and bad requests to both.
python3 "$S/tests/cli/a-gateway-is-like-the-peripheral-answers.py" ||
	fail "$(cat serve.err serve.json peripheral.err)"
stop_serve
