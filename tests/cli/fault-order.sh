#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No handshake message can be left out, and nothing is accepted before the peer
# has proved its identity.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 3
attack fault-order.py
good_peer_is_served
serve_ends_well
