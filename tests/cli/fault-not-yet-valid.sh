#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A certificate that is not yet valid is refused with bad_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity early ca from=20900101000000Z to=20910101000000Z
serve peripheral
central_is_refused early 42
peripheral_is_refused early 42
good_peer_is_served
serve_ends_well
