#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An MTU below 23 means 23, one above 517 means 517, and what is sent fits;
# PDUs of any length, zero and too many included, harm nobody.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-mtu.py
serve_ends_well
