#!/usr/bin/env bash
# Anybody may use a profile on the link. Many clients that say nothing, one
# that writes as fast as it can, one that makes programs run and one that never
# reads neither keep certified centrals out nor get any disconnected.
# build: both
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
cat >profile.json <<'END'
{"expose": "both", "services": [{"uuid": "7d0e0001-1f3c-4d5a-9a60-6f2b1c7e8d90",
 "characteristics": [
  {"uuid": "7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90",
   "properties": ["read", "write", "write-without-response", "notify"]},
  {"uuid": "7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90",
   "properties": ["read", "write-without-response"],
   "value": {"command": {"read": ["echo", "hex:00"], "write": ["sleep", "8"]}}}]}]}
END
serve --max-peers 8 --timeout 5 --profile profile.json <never
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1
# A certified central that wants to hear of it, before, while and after.
# shellcheck disable=SC2016
wanted='7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90'
start_connect --notify "$wanted" <never >heard.json 2>heard.err
await 20 grep -q '"subscribed"' heard.json
python3 "$S/tests/cli/strangers-on-the-link-harm-nobody.py" 8 >written &
strangers=$!
await 10 test -e ready
for _ in 1 2 3; do
	connect --read 7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90 </dev/null >read.json ||
		fail "$(cat read.json serve.err)"
	[ "$(jq -r 'select(.event == "read") | .value' read.json)" = 00 ] ||
		fail "$(cat read.json)"
done
wait "$strangers"
[ "$(cat written)" -gt 1000 ] || fail "no flood: $(cat written)"
# It has not missed the last, and was not sent away.
await 10 grep -q "\"value\":\"$(printf last | xxd -p)\"" heard.json
! grep -q '"closed"' heard.json || fail "$(tail -n 2 heard.json)"
kill "$client"
wait "$client" || fail "$(cat heard.err)"
# Programs: four for one peer.
[ "$(grep -c '4 for this peer' serve.err)" -gt 50 ] ||
	fail "$(grep -v 'for this peer' serve.err)"
# The silent clients run into their time limit.
await 10 grep -q '"reason":"timeout"' serve.json
[ "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$server/status")" -lt 100000 ] ||
	[ "$B" != "${B%asan}" ] || fail "$(grep Vm "/proc/$server/status")"
stop_serve
