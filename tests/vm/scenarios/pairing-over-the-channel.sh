#!/bin/bash
# --pair: both sides report it, the session goes on, and the link is at level 4.
# A side that was not told to pair, or that bonds alone, gets a message.
# --then-plain leaves the key to other programs.
# time limit: 500
set -eu
. "$S/tests/vm/lib.sh"

identities
event() # FILE EVENT FILTER
{
	jq -r "select(.event == \"$2\") | $3" "$T/$1"
}
connect() # [OPTION...]
{
	blesec-connect --dir "$T/phone" --adapter hci0 "$@" "$HCI1" \
		>"$T/connect.json" 2>"$T/connect.err"
}
are_paired()
{
	local file
	wait_for 5 holds "$T/serve.json" '"paired"' || :
	for file in connect.json serve.json; do
		[ "$(event $file paired '[.method, .level, .key_size, .bonded] |
			join(" ")')" = "oob 4 16 $1" ] ||
			fail "$file: $(cat "$T/$file" "$T"/*.err)"
	done
}

# Data flows before, during and after.
serve --pair </dev/null
{ seq 1 60 | while read -r n; do echo "$n"; sleep 0.1; done; } |
	expect 0 connect --pair
are_paired false
wait_for 5 holds "$T/serve.json" closed
event serve.json message .json | cmp - <(seq 60)
! ls /run/blesec/*.oob 2>/dev/null || fail "data is left"
stop_serve

# Bonding is agreed on.
serve --pair --bond </dev/null
expect 0 connect --pair </dev/null
[ "$(event connect.json fallback .reason | grep -c bond)" = 1 ] ||
	fail "$(cat "$T/connect.json")"
expect 8 connect --pair --require-pairing </dev/null
[ "$(event connect.json closed .reason)" = "not paired" ]
! grep -q '"paired"' "$T/connect.json" "$T/serve.json" || fail "paired"
expect 0 connect --pair --bond </dev/null
are_paired true
stop_serve

# A peripheral that was not told to pair.
serve </dev/null
expect 0 connect --pair </dev/null
event connect.json fallback .reason | grep -q -- --pair
expect 8 connect --pair --require-pairing </dev/null
stop_serve

# A central that does not pair gets nothing and gives nothing.
serve --pair --require-pairing < <(echo '"a secret"'; exec sleep 1000)
expect 8 connect </dev/null
! grep -q secret "$T/connect.json" || fail "it got the secret"
wait_for 5 holds "$T/serve.json" '"closed"'
[ "$(event serve.json closed .reason)" = "not paired" ]
echo '"for you"' | expect 8 connect
! grep -q 'for you' "$T/serve.json" || fail "it was heard"
wait_for 5 holds "$T/serve.err" 'before it is paired'
stop_serve

# The next program can use the key without blesec.
serve --pair </dev/null
expect 0 connect --pair --then-plain </dev/null
are_paired false
wait_for 10 no_links || fail "still connected"
timeout 60 gatttool -i hci0 -b "$HCI1" --sec-level=high --primary >"$T/plain" ||
	fail "gatttool: $(cat "$T/plain")"
grep -q 'attr handle' "$T/plain"
stop_serve

expect 2 blesec-connect --pair "unix:$T/x" 2>"$T/err"
grep -q 'for Bluetooth' "$T/err"
expect 2 blesec-connect --bond "$HCI1" 2>"$T/err"
grep -q 'needs --pair' "$T/err"
