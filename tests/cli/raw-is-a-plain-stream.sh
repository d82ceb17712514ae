#!/usr/bin/env bash
# 4 MiB of noise arrive unchanged each way, and stdout has nothing else.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
head -c 4194304 /dev/urandom >there
head -c 4194304 /dev/urandom >back
serve --raw <there
expect 0 connect --raw <back >out
cmp out there
expect 0 wait "$server"
cmp serve.json back
# a reader that stops holds the sender back, and loses nothing
serve --raw <there
connect --raw </dev/null | (sleep 3; cat) >out
cmp out there
expect 0 wait "$server"

# a stream that is cut short: each side says so
serve --raw </dev/null
start_connect -v --raw <never >out 2>err
await 20 grep -q '^blesec-connect: end ' err
kill "$server"
expect 0 wait "$server"
expect 5 wait "$client"
grep -q 'cut short' err
serve -v --raw <never
start_connect --raw </dev/null >out
await 20 grep -q '^blesec-serve: end ' serve.err
kill -9 "$client"
expect 5 wait "$server"
grep -q 'link lost\|cut short' serve.err

# a receiver that cannot store it: the sender is told
"$B/tools/blesec-serve" --raw --dir sensor "unix:$T/link" </dev/null \
	>/dev/full 2>serve.err &
server=$!
await 10 test -S link
expect 5 connect --raw <there >/dev/null 2>err
grep -q 'cut short: the peer reports a failure on its side' err
expect 1 wait "$server"
grep -q 'No space left' serve.err

# the same if the receiver's reader goes away while data is queued
head -c 100000 there >part
"$B/tools/blesec-serve" --raw --dir sensor "unix:$T/link" </dev/null \
	> >(exec sleep 2) 2>serve.err &
await 10 test -S link
expect 5 connect --raw <part >/dev/null 2>err
grep -q 'cut short: the peer reports a failure on its side' err
