#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whoever has no key gets nowhere by sending someone's own messages back:
# roles are bound.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-reflection.py

# A certificate that may be both: only the signature tells the roles apart.
identity both ca
kill "${PID[serve]}"
exit_of serve 10
serve both
attack fault-reflection-both.py
good_peer_is_served
serve_ends_well
