#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An attacker who runs code in the process that holds the key cannot take the
# key elsewhere: they get no file, socket, process or privilege, every attempt
# fails, and the key goes on signing. With --no-sandbox the same attempts
# succeed.
# build: gcc
# time limit: 120
DEADLINE=110
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "root only can trace it" >&2; exit 77; }

# Sanitizer builds have no sandbox.
if ! grep -q __asan_init "$B/tools/blesec-serve"; then
	serve peripheral
	export SERVE_PID=${PID[serve]}
	attack a-hijacked-key-process-can-only-sign-confined.py
	good_peer_is_served
	serve_ends_well
fi

serve peripheral --no-sandbox
export SERVE_PID=${PID[serve]}
attack a-hijacked-key-process-can-only-sign-free.py
good_peer_is_served
serve_ends_well
