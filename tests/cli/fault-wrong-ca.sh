#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A peer of another CA is refused with unknown_ca, even if that CA has the same
# name as ours.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

pki_ca "$T/other" "Other CA"
pki_ca "$T/namesake"
identity stranger other
identity double namesake
serve peripheral
for who in stranger double; do
	central_is_refused "$who" 48
	peripheral_is_refused "$who" 48
done
good_peer_is_served
serve_ends_well
