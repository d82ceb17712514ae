#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An MTU below 23 means 23, one above 517 means 517, and everything sent fits.
# PDUs of any length, from zero to too many octets, harm nobody.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-mtu.py
serve_ends_well
