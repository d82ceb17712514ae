#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A certificate for another purpose (the other role, code signing, or none
# named) is refused with unsupported_certificate.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity server-only ca eku=serverAuth
identity client-only ca eku=clientAuth
identity signing ca eku=codeSigning
identity none ca eku=
identity any ca eku=anyExtendedKeyUsage
serve peripheral
for who in server-only signing none any; do
	central_is_refused "$who" 43
done
for who in client-only signing none any; do
	peripheral_is_refused "$who" 43
done
good_peer_is_served
serve_ends_well
