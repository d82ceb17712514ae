#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A good certificate with a name other than the expected one is refused with
# bad_certificate; --peer-name is a glob.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity sensor-7 ca
identity sensor-77 ca san=DNS:sensor-77,DNS:else
identity phone-1 ca
# The commonName counts only where there is no subjectAltName.
identity liar ca name=sensor-7 san=DNS:liar
identity plain ca name=sensor-7 san=

serve peripheral --peer-name 'sensor-[0-9]'
for who in sensor-77 phone-1 liar central; do
	central_is_refused "$who" 42
done
attack fault-wrong-name.py
serve_ends_well

for who in sensor-77 phone-1 liar; do
	peripheral_is_refused "$who" 42 --peer-name sensor-7
done
