#!/usr/bin/env bash
# A request for an existing identity asks for the name and addresses that it
# has, unless others are given; a new key does not rename it either.
set -euo pipefail
. "$S/tests/lib/session.sh"

export BLESEC_CA=$S/scripts/blesec-ca
provision() { "$B/tools/blesec-provision" --dir device "$@"; }
asked() { # asked FILE: CN, then the subjectAltNames
	openssl req -in "$1" -noout -text |
		sed -n 's/.*Subject: CN = //p
			/Subject Alternative Name/{n;s/^ *//;p}' | paste -sd' '
}

"$BLESEC_CA" init --dir ca --name "Example CA"
provision --no-tpm --name sensor-7 --address 00:11:22:33:44:55 --ca ca >/dev/null
have='sensor-7 DNS:sensor-7, URI:urn:bdaddr:00-11-22-33-44-55'
provision --csr >csr
[ "$(asked csr)" = "$have" ] || fail "$(asked csr)"
# All of the pipe of blesec-provision(1).
provision --csr | "$BLESEC_CA" sign --dir ca | provision --install >out
[ "$(jq -r .name out)" = sensor-7 ]
provision --csr --force --no-tpm >csr
[ "$(asked csr)" = "$have" ] || fail "$(asked csr)"
provision --csr --no-address >csr
[ "$(asked csr)" = 'sensor-7 DNS:sensor-7' ] || fail "$(asked csr)"
provision --csr --address AA:BB:CC:DD:EE:FF --name other >csr
[ "$(asked csr)" = 'other DNS:other, URI:urn:bdaddr:AA-BB-CC-DD-EE-FF' ]
provision --force --no-tpm --ca ca >out
[ "$(jq -r .name out)" = sensor-7 ]
openssl x509 -in device/cert.pem -noout -ext subjectAltName |
	grep -q 'URI:urn:bdaddr:00-11-22-33-44-55'

# In one step, with a local CA: key, pin, name and addresses stay.
before=$(sha256sum device/key.pem)
status=0
provision --no-tpm --ca ca >out 2>err || status=$?
[ "$status" = 3 ] || fail "status $status: $(cat err)"
grep -q 'already: --renew gets.*--force makes' err || fail "it says $(cat err)"
provision --csr --name sensor-7 --address 00:11:22:33:44:66 | "$BLESEC_CA" sign \
	--dir ca | provision --install >was
serial=$(openssl x509 -in device/cert.pem -noout -serial)
provision --renew --ca ca >out
[ "$(jq -r '.name + .pin' out)" = "$(jq -r '.name + .pin' was)" ]
[ "$(sha256sum device/key.pem)" = "$before" ] || fail "another key"
[ "$(openssl x509 -in device/cert.pem -noout -serial)" != "$serial" ]
openssl x509 -in device/cert.pem -noout -ext subjectAltName |
	grep -q 'URI:urn:bdaddr:00-11-22-33-44-66'
# where there is no identity, it makes the first one
"$B/tools/blesec-provision" --dir first --no-tpm --no-address --name first \
	--renew --ca ca >out
[ "$(jq -r .name out)" = first ]
for mode in --csr --install --show --fetch-crl '--est https://localhost'; do
	status=0
	# shellcheck disable=SC2086 # two words
	provision $mode --renew >out 2>err </dev/null || status=$?
	[ "$status" = 2 ] || fail "$mode --renew: status $status: $(cat err)"
	grep -q -- '--renew goes with --ca DIR' err || fail "it says $(cat err)"
done

# A failure leaves nothing behind; a missing CA program is named.
rm -r device device.next 2>/dev/null || :
export BLESEC_CA=$T/nobody
expect 3 provision --no-tpm --ca ca >out 2>err
grep -qF "\$BLESEC_CA, \`$T/nobody'" err
[ ! -e device.next ] && [ ! -e device ]
