#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A full handshake, both READY included, is at most 1,750 octets of attribute
# values and 5 round trips from the MTU exchange on, discovery not counted,
# which is at most 3 more.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity phone-1 ca eku=clientAuth,serverAuth \
	san=DNS:phone-1,URI:urn:bdaddr:00-AA-01-00-00-00
identity sensor-7 ca eku=clientAuth,serverAuth \
	san=DNS:sensor-7,URI:urn:bdaddr:00-AA-01-01-00-01
for who in phone-1 sensor-7; do
	size=$(openssl x509 -in "$T/$who/cert.pem" -outform DER | wc -c)
	[ "$size" -ge 430 ] || fail "a certificate of $size octets is too good"
done
serve sensor-7
spawn relay "$S/tests/lib/relay" --log "$T/log" "unix:$T/peer" \
	"unix:$T/serve"
wait_for 10 listens "$T/peer" || fail "no relay"
spawn connect "$B/tools/blesec-connect" --dir "$T/phone-1" "unix:$T/peer"
wait_for 20 event connect secured || fail "not secured"
wait_for 20 event serve secured || fail "not secured"
sleep 0.3
cp "$T/log" "$T/handshake"
"$S/tests/lib/relay" --count "$T/handshake" >"$T/count.out"
python3 "$S/tests/cli/figures-handshake.py" "$T" || fail "the figures"
serve_ends_well
