#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A peripheral that answers with garbage, at any step, gets connect to say so
# and exit, in time, and never to crash.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-garbage-server.py
serve_ends_well
