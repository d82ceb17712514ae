#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An allocation of ours that fails, the first, the second and so on to the last
# of a session, in each process of connect and of serve, ends that process with
# an error, or is got over: nothing crashes or hangs, nothing is lost unsaid,
# and no other peer notices. So do those of the libraries, from the Nth on,
# with whatever status they make of it; but for faults of their own, which a
# sanitizer finds.
# build: both
# takes: 35 s
# time limit: 180
DEADLINE=${BLESEC_LONG:+1700}
DEADLINE=${DEADLINE:-170}
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-no-memory.py
cat "$T/attack.out"
