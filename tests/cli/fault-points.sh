#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Key shares that are not on the curve, or are points of small order, are
# refused with illegal_parameter and break nothing.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-points.py
good_peer_is_served
serve_ends_well
