#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An acknowledgement of a segment that was never sent or was acknowledged long
# ago, a sequence number out of turn, or a value too short to be a segment ends
# the session.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-lying-segments.py
good_peer_is_served
serve_ends_well
