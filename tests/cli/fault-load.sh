#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# While a good peer transfers, there are 1,000 connections of garbage, none of
# which makes the key sign; a flood of handshakes, which gets no more
# signatures than the limit; and forty peers that send drop by drop. The
# transfer is complete and not much slower, new good peers get in, nothing is
# left, and memory does not grow.
# build: gcc
# takes: 40 s
# time limit: 150
DEADLINE=140
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-load.py
cat "$T/attack.out"
