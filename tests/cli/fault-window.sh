#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Windows and sizes outside the limits of the manual page are refused, those at
# the limits work, and more segments than the window allows end the session.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-window.py
good_peer_is_served
serve_ends_well
