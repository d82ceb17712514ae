#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# However many sessions ask, and however they end, the key signs at most a
# burst of 32 and then 10 times a second.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 30 --max-peers 128
export SERVE_PID=${PID[serve]}
attack fault-signing-flood.py
serve_ends_well
