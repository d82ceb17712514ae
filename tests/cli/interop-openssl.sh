#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# openssl s_client and s_server complete the handshake with a good certificate
# through the bridge.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 3
s_client central -verify_return_error -brief
for line in 'Protocol version: TLSv1.3' 'Verification: OK'; do
	grep -qF "$line" "$T/s_client.out" || fail "s_client: no $line"
done
[ -z "$(alert s_client)" ] || fail "s_client got an alert"
# s_client sends no READY, so it is disconnected.
wait_for 20 event serve closed reason timeout || fail "not the timeout"
for suite in TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 \
	TLS_CHACHA20_POLY1305_SHA256; do
	s_client central -brief -ciphersuites "$suite"
	grep -qF "$suite" "$T/s_client.out" || fail "s_client: no $suite"
done
s_client central -brief -groups P-256
grep -Eq 'Temp Key: ECDH|group: secp256r1' "$T/s_client.out" || fail "s_client: no P-256"
# The compatibility mode, which we do not use, does no harm (RFC 8446 5).
attack interop-openssl.py

s_server peripheral
connect_fails 7 timeout --timeout 4
exit_of s_server 20 || fail "s_server does not end"
grep -q '1 server accepts that finished' "$T/s_server.out" ||
	fail "s_server: no handshake"
grep -q 'ALPN protocols selected: blesec/1\|ALPN protocol: blesec/1' \
	"$T/s_server.out" "$T/s_server.err" || fail "s_server: no ALPN"
good_peer_is_served
serve_ends_well
