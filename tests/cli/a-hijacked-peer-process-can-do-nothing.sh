#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who runs code in the process that talks to a peer cannot open, connect,
# execute, trace, signal or change anything: each attempt is refused or is the
# end of that process, and the other sessions go on. --no-sandbox lets through
# what the user of the process may, and still nothing that takes a privilege.
# build: gcc
# time limit: 120
DEADLINE=110
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "root only can trace it" >&2; exit 77; }

# A sanitizer's build confines nothing.
if ! grep -q __asan_init "$B/tools/blesec-serve"; then
	serve peripheral --timeout 60
	export SERVE_PID=${PID[serve]}
	attack <<'PY'
from attack import *  # noqa
from errno import EACCES
import inject
import intrude
import intrusion

SERVE_PID = int(os.environ["SERVE_PID"])
other = secured()
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
opens = 0
for what, call, *arguments in intrusion.attempts(at):
    before = set(intrude.workers(SERVE_PID))
    peer = discovered()
    pid = (set(intrude.workers(SERVE_PID)) - before).pop()
    with inject.Process(pid) as process:
        answer = intrusion.attempt(process, call, arguments)
        if call in ("open", "openat"):
            assert answer == -EACCES, f"{what}: {answer}"
            opens += 1
        else:
            assert answer == intrusion.KILLED, f"{what}: {answer}"
    peer.close()
    other.alive()
assert opens == 5, opens
for name in "created", "made", "bound":
    assert not os.path.exists(f"{T}/{name}"), name
other.send(b"still here")
eventually("the other session", lambda: any(
    e.get("text") == "still here" for e in events("serve")))
other.bye()
PY
	good_peer_is_served
	serve_ends_well
fi

serve peripheral --timeout 60 --no-sandbox
[ "$(grep -c 'warning: --no-sandbox' "$T/serve.err")" = 1 ] ||
	fail "--no-sandbox is not warned of, once"
grep -q '"sandbox":false' "$T/serve.out" || fail "no word of it in listening"
export SERVE_PID=${PID[serve]}
attack <<'PY'
from attack import *  # noqa
import inject
import intrude
import intrusion

SERVE_PID = int(os.environ["SERVE_PID"])
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
peer = discovered()
with inject.Process(intrude.workers(SERVE_PID)[0]) as process:
    seen = intrusion.free(process, at)
assert intrusion.REACHED | intrusion.HELD <= seen
peer.close()
PY
good_peer_is_served
serve_ends_well
