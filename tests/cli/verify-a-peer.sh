#!/usr/bin/env bash
# blesec-verify --peer checks what a peripheral presents, and the handshake; it
# sends no data, and the peripheral goes on.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/pki.sh"
. "$S/tests/lib/verify.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
identities
peer=(--dir phone --peer "unix:$T/link" --timeout 5)
serve <&8
good "${peer[@]}" <<<"not to be sent"
jq -e --arg s "unix:$T/link" '.subject == $s and .name == "sensor" and
	(.checks[-1] | .check == "handshake" and .ok)' out.json >/dev/null ||
	fail "$(cat out.json)"
[ "$(wc -l <out.json)" = 1 ] || fail "more than the verdict"
jq -r '.chain[0]' out.json | base64 -d |
	cmp - <(openssl x509 -in sensor/cert.pem -outform DER) ||
	fail "not its chain"
await 20 grep -q '"closed"' serve.json
! grep -q '"message"' serve.json || fail "data was sent"
verify "${peer[@]}" --text >text
grep -qx "unix:$T/link: good" text
good "${peer[@]}" --name 'sens*' --pin "$(pki_pin sensor/cert.pem)"
good "${peer[@]}" --ca ca/cacert.pem
# the peripheral is not the expected one; the handshake says the same
bad 4 'handshake name' "not .other." "${peer[@]}" --name other
bad 4 'dates' '9999 are demanded' "${peer[@]}" --min-days 9999
pki_ca "$T/third" "Third CA"
bad 4 chain 'not one of those' "${peer[@]}" --ca third/cacert.pem
cp -a phone picky
cp third/cacert.pem picky/ca.pem
bad 4 'chain handshake' 'peer refused: .*not one of those' "${peer[@]}" --dir picky
# the peripheral does not expect us
pki_identity "$T/stranger" "$T/third" trust="$T/ca"
status=0
verify "${peer[@]}" --dir stranger >out.json 2>err || status=$?
[ "$status" = 4 ] || fail "a stranger: status $status"
[ "$(failed_checks out.json)" = handshake ] || fail "$(cat out.json)"
jq -r '.checks[-1].reason' out.json | grep -q 'refused by peer.*unknown CA' ||
	fail "$(cat out.json)"
# a revoked one
(cd ca && openssl ca -config openssl.cnf -revoke ../sensor/cert.pem 2>/dev/null &&
	openssl ca -config openssl.cnf -gencrl -out crl.pem 2>/dev/null)
cp ca/crl.pem phone
bad 4 'crl handshake' 'was revoked' "${peer[@]}"
rm phone/crl.pem
good "${peer[@]}"
verify "${peer[@]}" --no-sandbox >out.json 2>err || fail "$(cat out.json err)"
grep -q 'warning: --no-sandbox' err || fail "$(cat err)"
refused 2 'no-sandbox goes with --peer' verify --no-sandbox --dir phone
stop_serve

# faults of form, which a confined process meets first
pki_ca "$T/pki"
mkdir -p own
pki_identity "$T/own" "$T/pki" eku=clientAuth
for fault in key=explicit key=secp256k1 pad=1900 to=20210101000000Z eku=clientAuth; do
	rm -rf faulty
	pki_identity "$T/faulty" "$T/pki" from=20200101000000Z "$fault"
	openssl s_server -unix "$T/stream" -alpn blesec/1 -no_middlebox \
		-num_tickets 0 -naccept 1 -Verify 2 -CAfile pki/cacert.pem \
		-cert faulty/cert.pem -key faulty/key.pem >s_server.out 2>&1 <&8 &
	await 10 listens "$T/stream"
	PYTHONDONTWRITEBYTECODE=1 "$S/tests/lib/bridge" peripheral "unix:$T/bridge" \
		--connect "$T/stream" >bridge.out 2>&1 &
	await 10 listens "$T/bridge"
	status=0
	verify --dir own --peer "unix:$T/bridge" --timeout 5 >out.json 2>err ||
		status=$?
	[ "$status" = 4 ] || [ "$fault" = key=secp256k1 ] ||
		[ "$fault" = key=explicit ] ||
		fail "$fault: status $status: $(cat out.json err)"
	[[ $status == [45] ]] || fail "$fault: status $status"
	rm -f "$T/stream" "$T/bridge"
done

# nobody there, or nobody who answers
refused 5 nobody verify --dir phone --peer "unix:$T/nobody"
socat "UNIX-LISTEN:$T/silent,type=5,fork" EXEC:'sleep 60' 2>/dev/null &
await 10 listens "$T/silent"
status=0
verify --dir phone --peer "unix:$T/silent" --timeout 1 >out 2>err || status=$?
[ "$status" = 7 ] || fail "silent: status $status: $(cat err)"
[ ! -s out ] || fail "a verdict on nothing"
refused 3 'no identity' verify --dir nowhere --ca ca/cacert.pem --peer "unix:$T/link"
for value in '' x hci0; do
	expect 2 verify --dir phone --peer "$value" 2>err
done
expect 2 verify --dir phone --peer "unix:$T/link" file 2>err
expect 2 verify --peer "unix:$T/link" --csr file 2>err
