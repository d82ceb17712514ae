#!/usr/bin/env bash
# A key in the TPM requests its first certificate, and is the TLS client that
# renews it, over TLS 1.2 and 1.3. A TPM that is gone is reported.
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/est.sh"

est_files
start_tpm
provision --tpm --name sensor --no-address --csr --dir id >csr
start_est --user device --password secret
with_password --key id/key.pem --name sensor enrol >id/cert.pem
cp ca/cacert.pem id/ca.pem
same_tpm_key() {
	cmp -s <(openssl req -in csr -noout -pubkey) \
		<(openssl x509 -in "$1" -noout -pubkey)
}
same_tpm_key id/cert.pem
openssl verify -CAfile ca/cacert.pem id/cert.pem >/dev/null
provision --dir id --install --ca ca <id/cert.pem >out
[ "$(jq -c '[.name, .tpm]' out)" = '["sensor",true]' ]

renew() {
	est --cert id --name sensor reenrol >cert.pem
	same_tpm_key cert.pem
	openssl verify -CAfile ca/cacert.pem cert.pem >/dev/null
}
before=$(openssl x509 -in id/cert.pem -noout -serial)
renew
[ "$(openssl x509 -in cert.pem -noout -serial)" != "$before" ]
# to a new key, in software
est --cert id --key key.pem --name sensor reenrol >cert.pem
good cert.pem
# the connection is kept: one signature serves for a redirect and a wait
switch redirect=same simplereenroll:pending=1 simplereenroll:retry=1
renew
switch
[ -z "$(tpm2_getcap handles-transient)" ] || fail "something stays in the TPM"
stop_est
start_est --tls 1.2
renew
stop_est

# the TPM goes away before it is asked to sign
start_est
cut_power
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
refused 6 'TPM' est --cert id --name sensor reenrol
# and while the server makes it wait
start_tpm
switch simplereenroll:pending=1 simplereenroll:retry=3
: >requests
"$B/tests/helpers/est" --url "$url" --ca web/cacert.pem --timeout 20 \
	--cert id --name sensor reenrol >cert.pem 2>err &
client=$!
await 10 grep -q simplereenroll requests
sleep 0.5
cut_power
status=0
wait "$client" || status=$?
# the connection is still there, so that no signature is needed any more
case $status in
0) openssl x509 -in cert.pem -noout ;;
6) grep -q TPM err || fail "$(cat err)" ;;
*) fail "status $status: $(cat err)" ;;
esac
stop_est
