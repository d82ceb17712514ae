#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Garbage of any kind as the first write ends that link and harms no other (it
# killed the prototype's server).
# takes: 30 s
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 3
attack fault-garbage-first.py
serve_ends_well
