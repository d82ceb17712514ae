#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An expired certificate is refused with certificate_expired.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity late ca from=20200101000000Z to=20210101000000Z
serve peripheral
central_is_refused late 45
peripheral_is_refused late 45
good_peer_is_served
serve_ends_well
