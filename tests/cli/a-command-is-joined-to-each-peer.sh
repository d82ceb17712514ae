#!/usr/bin/env bash
# A command per peer: it gets whole, ordered streams both ways, lines with
# --lines, and its environment. Its exit and failure are reported, and it ends
# with its peer.
# takes: 16 s
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
event() { jq -c "select(.event == \"$2\") | $3" "$1"; } # FILE EVENT FILTER
head -c 3000000 /dev/urandom >noise

# A stream through a command that echoes it, and from command to command.
serve -- cat
connect --raw <noise >back
cmp back noise
await 5 grep -q '"closed"' serve.json
[ "$(event serve.json command .status)" = 0 ]
[ "$(event serve.json closed .reason)" = '"peer closed"' ] ||
	[ "$(event serve.json closed .reason)" = '"done"' ] || fail "$(cat serve.json)"
connect -- sh -c "cat noise & exec cat >back" >connect.json
cmp back noise || fail "the stream has changed on the way"
[ "$(event connect.json closed .reason)" = '"done"' ] ||
	[ "$(event connect.json closed .reason)" = '"peer closed"' ]
# Two peers at once get a command each.
for i in 1 2; do
	{ echo "this is $i"; sleep 1; } | connect --raw >"own$i" &
	pids[i]=$!
done
for i in 1 2; do
	wait "${pids[i]}"
	[ "$(cat own$i)" = "this is $i" ] || fail "$(cat own$i)"
done
stop_serve

# Lines become messages, and messages become lines.
serve --lines -- sed -u 's/^/got /'
printf '%s\n' one '' three | connect >connect.json
event connect.json message .text | cmp - <(printf '"%s"\n' 'got one' 'got ' 'got three')
stop_serve

# The command is told about its peer, and shares our stderr.
# shellcheck disable=SC2016
serve -- sh -c 'env | grep "^BLESEC_[PS]" | sort; echo "for all" >&2'
connect --raw </dev/null >told
pin=$("$S/scripts/blesec-ca" 2>/dev/null pin phone/cert.pem ||
	openssl x509 -in phone/cert.pem -noout -pubkey |
	openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64)
cmp told - <<END || fail "$(cat told)"
BLESEC_PEER_ADDRESS=unix:$T/link
BLESEC_PEER_NAME=phone
BLESEC_PEER_PIN=sha256//$pin
BLESEC_SESSION=1
END
grep -q '^for all$' serve.err
stop_serve

# Failure and signals are reported; connect ends with 1.
serve -- sh -c 'echo ready; exit 3'
[ "$(connect --raw </dev/null)" = ready ]
await 5 grep -q '"closed"' serve.json
[ "$(event serve.json command .status)" = 3 ]
grep -q 'status 3' serve.err
stop_serve
# shellcheck disable=SC2016
serve -- sh -c 'kill -9 $$'
connect --raw </dev/null
await 5 grep -q '"closed"' serve.json
[ "$(event serve.json command .signal)" = '"SIGKILL"' ]
stop_serve
serve -- cat
expect 1 connect -- sh -c 'exit 9' >connect.json 2>err
[ "$(event connect.json command .status)" = 9 ]
grep -q 'status 9' err
stop_serve
# A command that stops reading ends the session, and the sender is told.
serve -- head -c 5
expect 5 connect --raw <noise >five 2>err
head -c 5 noise | cmp - five
stop_serve

# The command ends with its peer even if it ignores signals, and with
# blesec-serve.
# shellcheck disable=SC2016
stubborn='trap "" TERM HUP; echo $$ >stubborn; while :; do sleep 0.1; done'
gone() { ! kill -0 "$(cat stubborn)" 2>/dev/null; }
serve -- sh -c "$stubborn"
start_connect --raw <never >/dev/null
await 5 test -s stubborn
kill -9 "$client"
wait_for 8 gone || fail "it outlives its peer"
rm stubborn
start_connect --raw <never >/dev/null
await 5 test -s stubborn
stop_serve
gone || fail "it outlives blesec-serve"
wait "$client" || :
rm stubborn
# shellcheck disable=SC2016
serve -- sh -c 'echo $$ >stubborn; exec sleep 1000'
start_connect --raw <never >/dev/null
await 5 test -s stubborn
kill -9 "$server"
wait_for 5 gone || fail "it outlives a blesec-serve that was killed"
wait "$client" || :
rm link

# A slow command holds the sender back, and nothing is lost.
serve -- sh -c 'sleep 3; cat >slow'
connect --raw <noise
await 5 cmp slow noise
stop_serve

# Nonsense.
refused() { # TEXT ARGUMENT...
	local text=$1
	shift
	expect 2 "$B/tools/blesec-serve" --dir sensor "$@" 2>err
	grep -q -- "$text" err || fail "$*: $(cat err)"
}
refused "cannot run .nosuch" "unix:$T/l" -- nosuch
refused "cannot run .*/noise" "unix:$T/l" -- "$T/noise"
refused "unexpected argument .cat.: a command goes after --" "unix:$T/l" cat
refused "no adapter given" --
refused "--lines needs a COMMAND" --lines "unix:$T/l"
