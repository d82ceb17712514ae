#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A certificate whose key is not for signatures, or that has no key usage, is
# refused with unsupported_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity agreement ca ku=keyAgreement
identity enciphering ca ku=keyEncipherment,dataEncipherment
identity unsaid ca ku=
serve peripheral
# X509_get_key_usage() treats "none" as "all"; the manual page does not.
attack refused.py 43 agreement enciphering unsaid
good_peer_is_served
serve_ends_well
