#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A peer that has no key gets nowhere by sending someone's own messages back:
# signatures are bound to a role.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-reflection.py

# A certificate for both roles: only the signature tells them apart.
identity both ca
kill "${PID[serve]}"
exit_of serve 10
serve both
attack fault-reflection-both.py
good_peer_is_served
serve_ends_well
