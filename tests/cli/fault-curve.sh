#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A key on another curve, Edwards' or secp256k1, is refused with
# unsupported_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity koblitz ca key=secp256k1
identity p521 ca key=p521
identity edwards ca key=ed25519
serve peripheral
attack <<'PY'
from attack import central_is_refused, peripheral_is_refused
for name in "koblitz", "p521", "edwards":
    central_is_refused(name, 43, key="central")
    peripheral_is_refused(name, 43, key="peripheral")
PY
good_peer_is_served
serve_ends_well
