#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is written before a session or outside one is refused, not swallowed:
# the prototype said "success" and lost it.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-early-writes.py
good_peer_is_served
serve_ends_well
