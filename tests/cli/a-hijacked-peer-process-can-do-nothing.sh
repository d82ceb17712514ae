#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An attacker who runs code in the process that talks to a peer cannot open,
# connect, execute, trace, signal or change anything: each attempt is refused
# or kills that process, and the other sessions go on. --no-sandbox allows what
# the process's user may do, but still nothing that gains a privilege.
# build: gcc
# time limit: 120
DEADLINE=110
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "root only can trace it" >&2; exit 77; }

# Sanitizer builds have no sandbox.
if ! grep -q __asan_init "$B/tools/blesec-serve"; then
	serve peripheral --timeout 60
	export SERVE_PID=${PID[serve]}
	attack a-hijacked-peer-process-can-do-nothing-confined.py
	good_peer_is_served
	serve_ends_well
fi

serve peripheral --timeout 60 --no-sandbox
[ "$(grep -c 'warning: --no-sandbox' "$T/serve.err")" = 1 ] ||
	fail "--no-sandbox is not warned of, once"
grep -q '"sandbox":false' "$T/serve.out" || fail "no word of it in listening"
export SERVE_PID=${PID[serve]}
attack a-hijacked-peer-process-can-do-nothing-free.py
good_peer_is_served
serve_ends_well
