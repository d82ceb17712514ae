#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A device with a certificate cannot certify others: a chain through a leaf is
# refused.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity insider ca
mkdir "$T/minor"
cp "$T/insider/cert.pem" "$T/minor/cacert.pem"
cp "$T/insider/key.pem" "$T/minor/cakey.pem"
identity child minor aki=
cat "$T/insider/cert.pem" >>"$T/child/cert.pem"
serve peripheral
attack refused.py 48,43,42 child
good_peer_is_served
serve_ends_well
