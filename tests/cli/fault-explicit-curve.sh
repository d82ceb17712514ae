#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A P-256 key with its curve spelt out as parameters instead of by name is
# refused with unsupported_certificate, as a leaf and further up the chain
# (CVE-2022-0778 shows what such certificates can do).
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity explicit ca key=explicit
identity good ca
cat "$T/good/cert.pem" "$T/explicit/cert.pem" >"$T/chain.pem"
mv "$T/chain.pem" "$T/good/cert.pem"
serve peripheral
attack refused.py 43 explicit good
good_peer_is_served
serve_ends_well
