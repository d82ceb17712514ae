#!/bin/bash
# Three centrals (with check --long eight), each with its own controller,
# connect to one peripheral. The peripheral hears each, each gets every line,
# and one that leaves does not disturb the others.
#
# btvirt (5.66; later ones, too) tells the peripheral of a new link the handle
# that it has at the central (le_conn_complete and le_ext_conn_complete in
# emulator/btdev.c), while it counts handles from 42 for each controller: the
# kernel is told 42 of every central's first link, and complains ("failed to
# register connection device", and "Ignoring HCI_Connection_Complete for
# existing connection" of the third), so that only one works. Both numbers are
# the same where the central has as many other links as the peripheral: so each
# central but the first first connects to extras that nothing else is done with.
# A link is counted from 42 at the extra, too; each central begins with another
# one, for the numbers told there to differ. 16 controllers, which is all that
# btvirt has, are then enough for eight centrals.
# time limit: 800
set -eu
. "$S/tests/vm/lib.sh"

n=3
[ -z "${BLESEC_LONG:-}" ] || n=8
controllers_down
controllers_up $((2 * n))
address() { printf '00:AA:01:%02X:00:%02X' "$1" "$1"; }

identities
mapfile -t centrals < <(echo 0; seq 2 $n)
mapfile -t extras < <(seq $((n + 1)) $((2 * n - 1)))
for i in "${centrals[@]}" "${extras[@]}"; do
	blesec-oob read "hci$i" >/dev/null # which switches it on
done
mkfifo links
python3 -c '
import sys
from blesec_test import le
links = []
for line in sys.stdin:
    links.append(le.connect(*line.split()))
    print(len(links), flush=True)' <links >linked &
exec 7>links
linked=0
for ((i = 1; i < n; i++)); do
	for ((k = 0; k < i; k++)); do
		extra=${extras[(i + k) % (n - 1)]}
		mgmt --index "$extra" add-adv -c 1 >/dev/null
		echo "$(address "${centrals[i]}") $(address "$extra")" >&7
		linked=$((linked + 1))
		wait_for 10 grep -qx $linked linked || fail "link $linked"
		mgmt --index "$extra" rm-adv 1 >/dev/null
	done
done

mkfifo lines
exec 6<>lines
serve <&6
for ((i = 0; i < n; i++)); do
	mkfifo "in$i"
	blesec-connect --dir phone --adapter "hci${centrals[i]}" "$HCI1" \
		<>"in$i" >"connect$i.json" 2>"connect$i.err" &
	client[i]=$!
	wait_for 15 holds "connect$i.json" '"secured"' ||
		fail "central $i: $(cat "connect$i.err")"
done
[ "$(hcitool con | grep -c "> LE .* PERIPHERAL")" -ge $n ]
! grep -q '"closed"' serve.json || fail "$(cat serve.json)"

heard() # heard TEXT NUMBER: from so many of them
{
	[ "$(grep -o "\"$1\":[0-9]*}" serve.json | sort -u | wc -l)" = "$2" ]
}
got() # got CENTRAL LINES: all, and in order
{
	cmp -s <(jq 'select(.event == "message").json.n' "connect$1.json") \
		<(seq "$2")
}
for ((i = 0; i < n; i++)); do
	echo "{\"from\":$i}" >"in$i"
done
seq -f '{"n":%g}' 100 >&6
wait_for 20 heard from $n || fail "$(tail -n 3 serve.json)"
for ((i = 0; i < n; i++)); do
	wait_for 30 got $i 100 || fail "central $i: $(tail -n 1 "connect$i.json")"
done

kill "${client[1]}"
expect 0 wait "${client[1]}"
unset 'client[1]'
wait_for 10 holds serve.json '"closed"'
seq -f '{"n":%g}' 101 200 >&6
for i in "${!client[@]}"; do
	echo "{\"still\":$i}" >"in$i"
done
wait_for 20 heard still $((n - 1)) || fail "$(tail -n 3 serve.json)"
for i in "${!client[@]}"; do
	wait_for 30 got "$i" 200 || fail "central $i: $(tail -n 1 "connect$i.json")"
done
[ "$(grep -c '"closed"' serve.json)" = 1 ]
expect 0 stop_serve
