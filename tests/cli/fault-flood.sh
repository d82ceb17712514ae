#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 300 connections of garbage, a good peer is served throughout, a new one
# after, and nothing is left of them.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 10
children() # of serve
{
	pgrep -c -P "${PID[serve]}"
}
descriptors()
{
	find "/proc/${PID[serve]}/fd" -mindepth 1 | wc -l
}
alone()
{
	[ "$(children)" = 1 ]
}
good_peer_is_served
wait_for 10 alone || fail "$(children) processes without a peer"
before=$(children) files=$(descriptors)
attack <<'PY'
from attack import *  # noqa
import random

rng = random.Random(3)
watch = secured()
slowest = 0.0
for number in range(300):
    garbage(rng, number % 6, 20)
    if number % 10 == 0:
        text = f"during-{number}"
        start = time.monotonic()
        watch.send(text.encode())
        eventually(text, lambda text=text: any(
            e.get("text") == text for e in events("serve")))
        slowest = max(slowest, time.monotonic() - start)
        try:
            watch.pump(0)
        except blesec.Late:
            pass
assert slowest < 10, f"the good peer waited {slowest:.1f} s"
good("after-flood")
watch.bye()
PY
settled()
{
	[ "$(children)" -le "$before" ] && [ "$(descriptors)" -le "$files" ]
}
wait_for 20 settled || fail "left: $(children) processes of $before," \
	"$(descriptors) descriptors of $files"
serve_ends_well
