#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A secured peer that is there but says nothing for 30 seconds is taken for
# dead by both tools; one that is idle, but alive, is not.
# takes: 47 s
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-dead-peer.py
serve_ends_well
