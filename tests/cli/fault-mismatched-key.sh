#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A good certificate without its key is worth nothing: its owner's name cannot
# be borrowed, neither by a stranger nor by another of the same CA.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity insider ca
serve peripheral
attack fault-mismatched-key.py
good_peer_is_served
serve_ends_well
