#!/bin/bash
# Both controllers hang for 5 seconds: what is sent meanwhile arrives once and
# in order. With check --long they also hang for 40 seconds: both tools give the
# other up without hanging themselves, and the next session works.
# time limit: 400
set -eu
. "$S/tests/vm/lib.sh"

identities
hang() # SECONDS
{
	kill -STOP "$(cat /run/btvirt.pid)"
	sleep "$1"
	kill -CONT "$(cat /run/btvirt.pid)"
}
begin()
{
	mkfifo lines
	rm -f connect.json
	blesec-connect --dir phone --adapter hci0 "$HCI1" <lines \
		>connect.json 2>connect.err &
	client=$!
	exec 7>lines
	rm lines
	wait_for 30 holds connect.json '"secured"' || fail "$(cat connect.err)"
}
serve </dev/null
begin
seq 1 500 >&7
hang 5 &
sleep 1
seq 501 1000 >&7
exec 7>&-
wait $!
expect 0 wait "$client"
jq 'select(.event == "message").json' serve.json | cmp - <(seq 1000)

if [ -z "${BLESEC_LONG:-}" ]; then
	expect 0 stop_serve
	exit
fi
begin
hang 40
status=0
wait_for 40 ended "$client" || fail "connect hangs"
wait "$client" || status=$?
exec 7>&-
[ "$status" = 5 ] || [ "$status" = 7 ] ||
	fail "status $status: $(cat connect.json connect.err)"
grep -Eq '"reason":"(silent|link lost)"' connect.json
told() { [ "$(grep -c '"closed"' serve.json)" = 2 ]; }
wait_for 40 told || fail "serve says nothing: $(cat serve.json)"
wait_for 20 no_links || cut_links
expect 0 blesec-connect --dir phone --adapter hci0 "$HCI1" </dev/null >next.json
expect 0 stop_serve
