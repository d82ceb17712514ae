#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# TLS 1.2 and older are refused with protocol_version, whichever side offers
# them.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
REASON="protocol error"
central_is_refused central 70 -tls1_2
attack fault-tls12.py
s_server peripheral -tls1_2
connect_fails 5 "protocol error"
good_peer_is_served
serve_ends_well
