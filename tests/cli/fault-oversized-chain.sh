#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Certificates and chains have limits: 2048 octets for one, four certificates,
# 4096 octets together; a length beyond them is refused before it is believed.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity big ca pad=2000
identity long ca
for _ in 1 2 3 4; do cat "$T/central/cert.pem"; done >>"$T/long/cert.pem"
identity huge ca
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	cat "$T/central/cert.pem"
done >>"$T/huge/cert.pem"
serve peripheral
attack <<'PY'
from attack import *  # noqa

# name, alerts; the page has no alert of its own for five small ones.
for name, alerts in (("big", [43]), ("long", [42, 43, 47, 48]),
                     ("huge", [47])):
    central_is_refused(name, *alerts)
    peripheral_is_refused(name, *alerts, end=(
        (5, "protocol error") if name == "huge" else (4, "peer refused")))

# Only the header of a Certificate of 16 megabytes.
said = Said()
toy = toytls.Toy(opened())
toy.client_hello()
toy.read_flight()
toy.send_record(toytls.HANDSHAKE, bytes.fromhex("0bffffff"))
expect_alert([47], toy.receive)
said.closed("protocol error", "peer refused")
PY
good_peer_is_served
serve_ends_well
