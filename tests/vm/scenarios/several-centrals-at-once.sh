#!/bin/bash
# time limit: 120
# Three centrals on air at one peripheral: each gets every line, each is heard.
set -eu
. "$S/tests/vm/lib.sh"

controllers_down
btvirt -l4 >/dev/null 2>&1 </dev/null &
wait_for 10 test -e /sys/class/bluetooth/hci3
sleep 1
identities
mkfifo to-all
serve <to-all
exec 3>to-all
for n in 0 2 3; do
	(echo "{\"from\":$n}"; exec sleep 60) |
		blesec-connect --adapter "hci$n" --dir phone --count 1 "$HCI1" \
			>"connect$n.json" &
	clients[n]=$!
	wait_for 20 grep -q '"secured"' "connect$n.json" || fail "hci$n"
done
echo '{"to":"all"}' >&3
for n in 0 2 3; do
	expect 0 wait "${clients[n]}"
	grep -q '"to":"all"' "connect$n.json"
	grep -q "\"from\":$n" serve.json
done
exec 3>&-
expect 0 stop_serve
