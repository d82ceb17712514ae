#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Make each of our allocations fail in turn, from the first of a session to the
# last, in each process of connect and of serve. The process exits with an
# error or recovers: nothing crashes or hangs, no loss goes unreported, and no
# other peer notices. The same holds for the libraries' allocations from the
# Nth on, with whatever status the libraries make of it; a sanitizer finds the
# libraries' own faults.
# build: both
# takes: 35 s
# time limit: 180
DEADLINE=${BLESEC_LONG:+1700}
DEADLINE=${DEADLINE:-170}
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-no-memory.py
cat "$T/attack.out"
