#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A generic explorer that knows nothing of blesec gets the answers that the
# Core Specification requires.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 60
attack fault-explorer.py
good_peer_is_served
serve_ends_well
