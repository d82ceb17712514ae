#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Who runs code in the process that talks to a gateway's peripheral cannot
# open, connect, execute, trace or signal anything: it is refused, or the end of
# that process, with which blesec-serve ends, as blesec-serve(1) says.
# build: gcc
# time limit: 120
DEADLINE=110
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "root only can trace it" >&2; exit 77; }

hijack() # sandbox|none WHAT...: what is tried
{
	export SERVE_PID=${PID[serve]} HOW=$1 TRIED="${*:2}"
	attack <<'PY'
from attack import *  # noqa
from errno import EACCES
import inject
import intrude
import intrusion

SERVE_PID = int(os.environ["SERVE_PID"])
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
gateway = intrude.named(SERVE_PID, "blesec-gateway")
with inject.Process(gateway) as process:
    for what, call, *arguments in intrusion.attempts(at):
        if call not in os.environ["TRIED"].split():
            continue
        answer = intrusion.attempt(process, call, arguments)
        if os.environ["HOW"] == "none":
            assert answer >= 0 or what not in intrusion.REACHED, what
        elif call in ("open", "openat"):
            assert answer == -EACCES, f"{what}: {answer}"
        else:
            assert answer == intrusion.KILLED, f"{what}: {answer}"
            break
    else:
        assert os.environ["HOW"] == "none"
PY
}

if ! grep -q __asan_init "$B/tools/blesec-serve"; then
	for call in socket execve fork ptrace kill process_vm_readv mprotect; do
		serve peripheral --gateway "unix:$T/nobody"
		hijack sandbox open openat $call
		exit_of serve 10 || fail "$call: serve does not end"
		[ "$ended" -eq 1 ] || fail "$call: serve exits $ended"
	done
fi
serve peripheral --gateway "unix:$T/nobody" --no-sandbox
hijack none open openat fork mprotect
serve_ends_well
