#!/usr/bin/env bash
# A gateway's peripheral is unplugged and plugged in again 50 times, with two
# gateways at a time. Subscriptions come back by themselves; each central gets
# each value that it subscribed to once, in order, and no other. While the
# peripheral is away, requests wait for 20 s, and the gateway looks for it less
# and less often.
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
