#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Certificates and chains have limits: 2048 octets for a certificate, four
# certificates, and 4096 octets together. A greater length is refused before
# anything is read for it.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity big ca pad=2000
identity long ca
for _ in 1 2 3 4; do cat "$T/central/cert.pem"; done >>"$T/long/cert.pem"
identity huge ca
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	cat "$T/central/cert.pem"
done >>"$T/huge/cert.pem"
serve peripheral
attack fault-oversized-chain.py
good_peer_is_served
serve_ends_well
