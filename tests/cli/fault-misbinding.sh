#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An insider with a certificate can only be itself: the tools name a peer by
# the certificate whose key signed, and it cannot take another name.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity insider ca
serve peripheral
attack fault-misbinding.py
# A peripheral with a good certificate, but not the one that was asked for.
peripheral_is_refused insider 42 --peer-name peripheral
good_peer_is_served
serve_ends_well
