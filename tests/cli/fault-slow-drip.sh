#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A peer that sends one octet a second, in the tunnel or elsewhere, holds
# nobody up longer than --timeout.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 3
attack fault-slow-drip.py
good_peer_is_served
serve_ends_well
