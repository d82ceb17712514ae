#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A certificate whose key is not for signatures is refused with
# unsupported_certificate, and one without a key usage too.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity agreement ca ku=keyAgreement
identity enciphering ca ku=keyEncipherment,dataEncipherment
identity unsaid ca ku=
serve peripheral
attack <<'PY'
from attack import central_is_refused, peripheral_is_refused
for name in "agreement", "enciphering":
    central_is_refused(name, 43)
    peripheral_is_refused(name, 43)
PY
# X509_get_key_usage() takes "none" for "all"; the page does not.
attack <<'PY'
from attack import central_is_refused, peripheral_is_refused
central_is_refused("unsaid", 43)
peripheral_is_refused("unsaid", 43)
PY
good_peer_is_served
serve_ends_well
