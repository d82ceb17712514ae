#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A generic explorer, which knows nothing of blesec, is answered as the Core
# Specification has it.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 60
attack fault-explorer.py
good_peer_is_served
serve_ends_well
