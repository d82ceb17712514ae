#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A good certificate with another key than the pinned one is refused with
# bad_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity pinned ca
identity other ca name=pinned
pin=$(pki_pin "$T/pinned/cert.pem")

serve peripheral --pin "$pin"
central_is_refused other 42
attack fault-wrong-pin.py
serve_ends_well

peripheral_is_refused other 42 --pin "$pin"
