#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When a peripheral answers with garbage, at any step, connect says so and
# exits in time, and never crashes.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-garbage-server.py
serve_ends_well
