#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A key on another curve, an Edwards curve or secp256k1, is refused with
# unsupported_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity koblitz ca key=secp256k1
identity p521 ca key=p521
identity edwards ca key=ed25519
serve peripheral
attack fault-curve.py
good_peer_is_served
serve_ends_well
