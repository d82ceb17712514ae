#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A certificate signed with SHA-1 is refused with unsupported_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity weak ca digest=sha1
serve peripheral
attack refused.py 43 weak
good_peer_is_served
serve_ends_well
