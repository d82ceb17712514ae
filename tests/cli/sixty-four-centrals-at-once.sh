#!/usr/bin/env bash
# 64 centrals connect to one peripheral at once: each gets every line, and each
# is heard. One that is killed and one that stops reading harm nobody: the
# latter is disconnected as too slow, and no data piles up for it.
# build: gcc
# takes: 25 s
# time limit: 300
set -euo pipefail
. "$S/tests/lib/session.sh"

all=64 lines=400
secured() {
	[ "$(grep -c '"secured"' serve.json)" = "$all" ]
}
heard() { # heard N TEXT: from so many of them
	[ "$(grep -o "\"$2\":[0-9]*}" serve.json | sort -u | wc -l)" = "$1" ]
}
kib() { # kib VmRSS
	sed -n "s/^$1:[^0-9]*\([0-9]*\) kB/\1/p" "/proc/$server/status"
}
flood() { # flood FROM: lines of 1,000 octets
	seq -f '{"n":%g,"pad":"'"$pad"'"}' "$1" $(($1 + lines - 1)) >&3
}
have() { # have N LAST: it has come, and all before it, in order
	tail -n 1 "connect$1.json" | grep -q "\"n\":$2," &&
		jq -r 'select(.event == "message").json.n' "connect$1.json" |
		cmp -s - <(seq "$2")
}

identities
pad=$(printf 'x%.0s' {1..980})
mkfifo all
exec 3<>all
serve <&3
for ((n = 1; n <= all; n++)); do
	mkfifo "in$n"
	(exec 3>&-; exec "$B/tools/blesec-connect" --dir phone "unix:$T/link" \
		<>"in$n" >"connect$n.json" 2>"connect$n.err") &
	clients[n]=$!
	echo "{\"from\":$n}" >"in$n" &
done
await 60 secured
await 20 heard $all from
before=$(kib VmRSS)

# The first is killed; the second sleeps, together with its peer process.
kill -9 "${clients[1]}"
await 10 grep -q '"closed"' serve.json
mapfile -t asleep < <(echo "${clients[2]}"; pgrep -P "${clients[2]}")
kill -STOP "${asleep[@]}"
flood 1
for ((n = 3; n <= all; n++)); do
	echo "{\"still\":$n}" >"in$n"
done
await 40 grep -q '"reason":"too slow"' serve.json
for ((n = 3; n <= all; n++)); do
	await 40 have $n $lines
done
await 20 heard $((all - 2)) still
[ "$(grep -c '"closed"' serve.json)" = 2 ] || fail "$(grep '"closed"' serve.json)"
grown=$(($(kib VmHWM) - before))
[ "$before" -lt 32768 ] || fail "$before KiB for $all peers"
[ "$grown" -lt 4096 ] || fail "$grown KiB more"

# The others go on undisturbed.
flood $((lines + 1))
for ((n = 3; n <= all; n++)); do
	await 40 have $n $((2 * lines))
done
kill -CONT "${asleep[@]}"
status=0
wait "${clients[2]}" || status=$?
[ "$status" != 0 ]
grep -q 'too slow\|link lost\|cut short' connect2.json || fail "$(tail -n 1 connect2.json)"
for ((n = 3; n <= all; n++)); do
	kill "${clients[n]}"
done
for ((n = 3; n <= all; n++)); do
	expect 0 wait "${clients[n]}"
done
echo "VmRSS $before KiB with $all peers, $grown KiB more at most"
stop_serve
