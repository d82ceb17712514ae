#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A certified insider is only ever itself: what the tools call a peer is the
# name in the certificate whose key signed, and another name cannot be put on.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity insider ca
serve peripheral
attack fault-misbinding.py
# A certified peripheral that is not the one that was asked for.
peripheral_is_refused insider 42 --peer-name peripheral
good_peer_is_served
serve_ends_well
