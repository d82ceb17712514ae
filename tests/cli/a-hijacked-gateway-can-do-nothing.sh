#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An attacker who runs code in the process that talks to a gateway's peripheral
# cannot open, connect, execute, trace or signal anything: each attempt is
# refused or kills that process, and blesec-serve then exits as blesec-serve(1)
# says.
# build: gcc
# time limit: 120
DEADLINE=110
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "root only can trace it" >&2; exit 77; }

hijack() # sandbox|none WHAT...: what is tried
{
	export SERVE_PID=${PID[serve]} HOW=$1 TRIED="${*:2}"
	attack a-hijacked-gateway-can-do-nothing.py
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
