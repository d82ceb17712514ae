#!/usr/bin/env bash
# The programs of a profile learn which peer they run for; a stranger on the
# link has no name. A SIGHUP ends a session with a goodbye. Options that
# exclude each other are named.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
cat >profile.json <<'END'
{"expose": "both", "services": [{"uuid": "180f", "characteristics": [
 {"uuid": "7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90", "properties": ["read", "write"],
  "value": {"command": {
   "read": ["sh", "-c", "echo text:$BLESEC_PEER_NAME,$BLESEC_PEER_PIN,$BLESEC_SESSION"],
   "write": ["sh", "-c", "cat >/dev/null; echo $BLESEC_PEER_NAME >wrote"]}}}]}]}
END
serve --profile profile.json <never
own=7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90
connect --read "$own" --write "$own=hex:00" </dev/null >read.json
pin=$(jq -r 'select(.event == "secured") | .pin' serve.json)
[ "$(jq -r 'select(.event == "read") | .value' read.json | xxd -r -p)" = \
	"phone,$pin,1" ] || fail "$(cat read.json)"
[ "$(cat wrote)" = phone ]
PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 python3 - <<'END'
from blesec_test.att import Att
att = Att.unix("link")
value = att.discover()[2].value
assert att.read(value) == b",,2", att.read(value)
END

# ssh hangs up on its ProxyCommand.
start_connect <never >connect.json
await 20 grep -q '"secured"' connect.json
kill -HUP "$client"
expect 0 wait "$client"
grep -q '"reason":"stopped"' connect.json
await 20 grep -q '"session":3.*"reason":"peer closed"' serve.json
# SIGHUP does not end blesec-serve, ignored or not.
kill -HUP "$server"
await 20 grep -q '"reloaded"' serve.json
stop_serve
(
	trap '' HUP
	exec "$B/tools/blesec-serve" --dir sensor "unix:$T/link" </dev/null >out
) &
server=$!
await 10 test -S link
kill -HUP "$server"
await 20 grep -q '"reloaded"' out
connect </dev/null >/dev/null
stop_serve

expect 2 "$B/tools/blesec-connect" --dir phone -a hci0 unix:x 2>err
grep -q -- '--adapter .hci0. cannot be used with unix:x' err
expect 2 "$B/tools/blesec-connect" --dir phone --any-peer -n x unix:x 2>err
grep -q -- '--any-peer and --peer-name .x. exclude each other' err
