#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Without the ALPN blesec/1 there is no session, and the alert says why:
# no_application_protocol.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
REASON="protocol error"
central_is_refused central 120 -alpn blesec/2
attack fault-alpn.py
good_peer_is_served
serve_ends_well
