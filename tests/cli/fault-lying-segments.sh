#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Acknowledgements of what was not sent or long acknowledged, sequence numbers
# out of turn, and values too short to be segments end the session.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-lying-segments.py
good_peer_is_served
serve_ends_well
