#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A good certificate is worth nothing without its key: neither a stranger nor
# another device of the same CA can borrow its owner's name.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity insider ca
serve peripheral
attack fault-mismatched-key.py
good_peer_is_served
serve_ends_well
