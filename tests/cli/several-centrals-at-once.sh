#!/usr/bin/env bash
# Eight centrals at one peripheral: each gets every line, each is heard, and
# one that goes away harms nobody.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
mkfifo all
exec 3<>all
serve <&3
for n in {1..8}; do
	mkfifo "in$n"
	(exec 3>&-; exec "$B/tools/blesec-connect" --dir phone "unix:$T/link" \
		<>"in$n" >"connect$n.json") &
	clients[n]=$!
	wait_for 10 grep -q '"secured"' "connect$n.json"
	echo "{\"from\":$n}" >"in$n"
done
kill -9 "${clients[1]}"
wait_for 10 grep -q '"closed"' serve.json
echo '{"to":"all"}' >&3
for n in {2..8}; do
	wait_for 10 grep -q '"to":"all"' "connect$n.json"
done
for n in {1..8}; do
	wait_for 10 grep -q "\"from\":$n}" serve.json
done
for n in {2..8}; do
	kill "${clients[n]}"
	expect_status 0 wait "${clients[n]}"
done
stop_serve
