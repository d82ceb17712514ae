#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An RSA certificate of the right CA is refused with unsupported_certificate:
# its owner sends it though we did not offer RSA.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity rsa ca key=rsa
serve peripheral
attack refused.py 43 rsa
good_peer_is_served
serve_ends_well
