#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who runs code in the process that has the key cannot take it elsewhere: no
# file, socket, process or privilege is to be had, every attempt fails, and the
# key signs on. With --no-sandbox the same attempts succeed.
# build: gcc
# time limit: 120
DEADLINE=110
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "root only can trace it" >&2; exit 77; }

# A sanitizer's build confines nothing.
if ! grep -q __asan_init "$B/tools/blesec-serve"; then
	serve peripheral
	export SERVE_PID=${PID[serve]}
	attack <<'PY'
from attack import *  # noqa
from errno import EACCES, EPERM
import inject
import intrude
import intrusion

SERVE_PID = int(os.environ["SERVE_PID"])
key = intrude.signer(SERVE_PID)
at = intrusion.Target(SERVE_PID, key, T)
with inject.Process(key) as process:
    for what, call, *arguments in intrusion.attempts(at):
        answer = intrusion.attempt(process, call, arguments)
        assert answer in (-EACCES, -EPERM), f"{what}: {answer}"
for name in "created", "made", "bound":
    assert not os.path.exists(f"{T}/{name}"), name
good()
assert intrude.signer(SERVE_PID) == key
PY
	good_peer_is_served
	serve_ends_well
fi

serve peripheral --no-sandbox
export SERVE_PID=${PID[serve]}
attack <<'PY'
from attack import *  # noqa
import inject
import intrude
import intrusion

SERVE_PID = int(os.environ["SERVE_PID"])
key = intrude.signer(SERVE_PID)
with inject.Process(key) as process:
    intrusion.free(process, intrusion.Target(SERVE_PID, key, T))
# Another takes its place.
eventually("its end", lambda: key not in intrude.children(SERVE_PID) or
           intrude.name(key) != "blesec-signer")
PY
good_peer_is_served
serve_ends_well
