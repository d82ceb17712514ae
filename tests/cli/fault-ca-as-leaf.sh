#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The CA's own certificate, and a leaf that claims to be a CA, with keyCertSign
# or without, are refused as a peer's certificate with unsupported_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

mkdir "$T/itself"
cp "$T/ca/cacert.pem" "$T/itself/cert.pem"
cp "$T/ca/cakey.pem" "$T/itself/key.pem"
identity leaf-ca ca basic=CA:TRUE ku=digitalSignature,keyCertSign
identity no-sign ca basic=CA:TRUE ku=digitalSignature
serve peripheral
attack refused.py 43 itself leaf-ca no-sign
good_peer_is_served
serve_ends_well
