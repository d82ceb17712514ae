#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A central without a certificate is refused with certificate_required, and a
# peripheral without one is refused too.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
central_is_refused nobody 116
attack fault-no-certificate.py
good_peer_is_served
serve_ends_well
