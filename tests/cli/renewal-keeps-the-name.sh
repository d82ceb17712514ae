#!/usr/bin/env bash
# A request for an identity that is there asks for the name and the addresses
# that it has, unless others are given; a new key does not rename it either.
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

# What fails leaves nothing behind; a CA program that is not there is named.
rm -r device device.next 2>/dev/null || :
export BLESEC_CA=$T/nobody
expect_status 3 provision --no-tpm --ca ca >out 2>err
grep -qF "\$BLESEC_CA, \`$T/nobody'" err
[ ! -e device.next ] && [ ! -e device ]
