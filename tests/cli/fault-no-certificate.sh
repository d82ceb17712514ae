#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A central without a certificate is refused with certificate_required, a
# peripheral without one is no peripheral.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
central_is_refused nobody 116
attack <<'PY'
from attack import *  # noqa

# An empty Certificate from a server is a decode_error (RFC 8446 4.4.2.4), and
# leaving the message out is out of order.
for empty, alert_number in (True, 50), (False, 10):
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello()
    toy.encrypted_extensions()
    toy.certificate_request()
    if empty:
        toy.send_certificates([])
    toy.send_finished()
    expect_alert([alert_number, 10], toy.read_record)
    tool.ends(5, "protocol error")
PY
good_peer_is_served
serve_ends_well
