#!/usr/bin/env bash
# A gateway's peripheral is unplugged and plugged in again 50 times, by two
# gateways at a time: subscriptions come back by themselves, and each central
# gets each value that it subscribed to once and in order, and no other. While
# it is away, requests wait, for 20 s; and it is looked for less and less often.
# takes: 32 s
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 T

identities
script=$S/tests/cli/a-peripheral-that-goes-and-comes.py
for n in 1 2; do
	python3 "$script" rounds "r$n" <&8 2>"r$n.said" &
	pids[n]=$!
done
python3 "$script" away a <&8 2>a.said &
pids[3]=$!
for n in 1 2; do
	wait "${pids[n]}" || fail "$(cat "r$n.said"; tail "r$n.json.err")"
done
wait "${pids[3]}" || fail "$(cat a.said a.json a.json.err)"
cat r1.said r2.said
