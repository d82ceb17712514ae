#!/usr/bin/env bash
# JSON, text and binary; empty, last without newline, 64 KiB and one more;
# --count, --wait, EOF, signals.
set -euo pipefail
. "$S/tests/lib/session.sh"

messages() { jq -c 'select(.event == "message") | del(.event, .time, .peer, .address, .session)' "$1"; }

identities
# lines arrive as they were sent, without rounding numbers
{
	printf '{"a":1.10}\n\n42\nhello "world"\n\xff\xfe\n[1,\n'
	printf '{"a":1,"a":2}\n12345678901234567890123\nlast'
} >in
serve <in
connect </dev/null >out
cat >wanted <<-'END'
	{"json":{"a":1.10}}
	{"text":""}
	{"json":42}
	{"text":"hello \"world\""}
	{"base64":"//4="}
	{"text":"[1,"}
	{"text":"{\"a\":1,\"a\":2}"}
	{"text":"12345678901234567890123"}
	{"text":"last"}
END
messages out | sed 's/1\.1}/1.10}/' | diff - wanted
grep -q '"json":{"a":1.10}}' out
stop_serve

# a 64 KiB message is sent; a longer line is reported and skipped
{ head -c 65536 /dev/zero | tr '\0' a; echo; head -c 65537 /dev/zero |
	tr '\0' b; echo; echo c; } >in
serve </dev/null
expect 1 connect <in >out 2>err
grep -q 'line 2 of stdin is longer than 65536' err
await 20 grep -q '"closed"' serve.json
[ "$(messages serve.json | jq -r .text | awk '{print length, substr($0,1,1)}' |
	paste -sd,)" = "65536 a,1 c" ] || fail "not the lines"

# --count is met, and not met; --wait
stop_serve
printf '1\n2\n3\n' >in
serve < <(cat in never 8>&-)
expect 0 connect --count 2 <never >out
[ "$(messages out | wc -l)" = 2 ]
stop_serve
serve </dev/null
expect 7 connect --count 1 </dev/null >out 2>err
grep -q '0 of 1' err
expect 0 connect --wait 1 <never >out
stop_serve

# SIGTERM at either end is reported to the other
serve <never
start_connect <never >out
await 20 grep -q '"secured"' out
stop_serve
expect 0 wait "$client"
jq -es 'last | .event == "closed" and .reason == "peer closed"' out >/dev/null
serve <never
start_connect <never >out
await 20 grep -q '"secured"' out
kill "$client"
expect 0 wait "$client"
jq -es 'last | .reason == "stopped"' out >/dev/null
await 20 grep -q '"peer closed"' serve.json
stop_serve

# a reader of stdout goes away
serve < <(seq 100000)
status=0
connect <never | head -n 3 >/dev/null || status=${PIPESTATUS[0]}
stop_serve
