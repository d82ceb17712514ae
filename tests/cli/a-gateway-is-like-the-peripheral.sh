#!/usr/bin/env bash
# A central at a gateway finds what it would find at the peripheral itself, and
# is answered the same, octet for octet; values are notified and indicated; and
# the gateway's own service tells what the peripheral advertises.
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

# The peripheral as a program of ours sees it through the gateway, and as it is.
connect --discover <never >found.json
python3 "$S/tests/cli/a-gateway-is-like-the-peripheral-discovery.py" ||
	fail "$(cat found.json)"

# The same requests, good and bad, to both.
python3 "$S/tests/cli/a-gateway-is-like-the-peripheral-answers.py" ||
	fail "$(cat serve.err serve.json peripheral.err)"
stop_serve
