#!/usr/bin/env bash
# A gateway's peripheral is unplugged and plugged in again 50 times, by two
# gateways at a time: subscriptions come back by themselves, and each central
# gets each value that it subscribed to once and in order, and no other. While
# it is away, requests wait, for 20 s; and it is looked for less and less often.
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 T

identities

for what in rounds away; do
	cat "$S/tests/cli/a-peripheral-that-goes-and-comes-common.py" \
		"$S/tests/cli/a-peripheral-that-goes-and-comes-$what.py" \
		>$what.py
done
for n in 1 2; do
	python3 rounds.py "r$n" <&8 2>"r$n.said" &
	pids[n]=$!
done
python3 away.py a <&8 2>a.said &
pids[3]=$!
for n in 1 2; do
	wait "${pids[n]}" || fail "$(cat "r$n.said"; tail "r$n.json.err")"
done
wait "${pids[3]}" || fail "$(cat a.said a.json a.json.err)"
cat r1.said r2.said
