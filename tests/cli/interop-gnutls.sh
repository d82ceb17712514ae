#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# gnutls-cli and gnutls-serv complete the handshake through the bridge with a
# good certificate, and not with a bad one.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

command -v gnutls-cli gnutls-serv >/dev/null || { echo "no GnuTLS" >&2
	exit 77; }
priority=NORMAL:-VERS-ALL:+VERS-TLS1.3:%DISABLE_TLS13_COMPAT_MODE
identity late ca from=20200101000000Z to=20210101000000Z

gnutls_cli() # IDENTITY
{
	local port
	spawn bridge "$S/tests/lib/bridge" central "unix:$T/serve" \
		--listen 127.0.0.1:0
	wait_for 20 grep -q listening "$T/bridge.out" || fail "no bridge"
	port=$(sed -n 's/.*://p' "$T/bridge.out")
	timeout 30 gnutls-cli --priority "$priority" --alpn blesec/1 \
		--no-ca-verification --x509certfile "$T/$1/cert.pem" \
		--x509keyfile "$T/$1/key.pem" -p "$port" 127.0.0.1 \
		<"$T/never" >"$T/cli.out" 2>&1
	exit_of bridge 20 || fail "the bridge does not end"
}

mkfifo "$T/never"
exec 9<>"$T/never"
serve peripheral --timeout 4
gnutls_cli central
grep -q 'Handshake was completed' "$T/cli.out" ||
	fail "gnutls-cli: no handshake"
grep -q 'TLS1.3' "$T/cli.out" || fail "gnutls-cli: not TLS 1.3"
wait_for 20 event serve closed reason timeout || fail "not the timeout"
gnutls_cli late
grep -q 'Received alert \[45\]' "$T/cli.out" ||
	fail "gnutls-cli: no certificate_expired"
good_peer_is_served
serve_ends_well

serv_listens()
{
	grep -q "listening on IPv4" "$T/serv.err"
}

serv_has_tried()
{
	serv_listens || gone serv
}

gnutls_serv() # IDENTITY
{
	local port try
	# gnutls-serv accepts no port 0.
	for try in 1 2 3 4 5; do
		port=$(free_port)
		spawn serv gnutls-serv --priority "$priority" --port "$port" \
			--alpn blesec/1 --alpn-fatal --echo --noticket \
			--require-client-cert --verify-client-cert \
			--x509cafile "$T/ca/cacert.pem" \
			--x509certfile "$T/$1/cert.pem" \
			--x509keyfile "$T/$1/key.pem"
		wait_for 20 serv_has_tried
		serv_listens && break
		kill "${PID[serv]}" 2>/dev/null
		exit_of serv 3
		[ "$try" -lt 5 ] || fail "gnutls-serv does not listen"
	done
	rm -f "$T/peer"
	spawn bridge "$S/tests/lib/bridge" peripheral "unix:$T/peer" \
		--connect "127.0.0.1:$port"
	wait_for 20 listens "$T/peer" || fail "no bridge"
}

gnutls_serv peripheral
# gnutls-serv sends no READY, so connect gives up.
connect_fails 7 timeout --timeout 4
for line in 'Version: TLS1.3' 'Application protocol: blesec/1' \
	'Client Signature: ECDSA-SECP256R1-SHA256'; do
	grep -qF "$line" "$T/serv.out" || fail "gnutls-serv: no $line"
done
kill "${PID[serv]}"
exit_of serv 3

gnutls_serv late
connect_fails 4 "peer refused"
# OpenSSL's alert is not yet encrypted then; GnuTLS reports only that there was
# no handshake.
wait_for 20 grep -q 'Error in handshake' "$T/serv.err" ||
	fail "gnutls-serv: a handshake"
