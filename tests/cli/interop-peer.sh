#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The second implementation, in either role, at the smallest and the largest
# MTU and window: long messages both ways, END, and an orderly goodbye.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack interop-peer.py
serve_ends_well
