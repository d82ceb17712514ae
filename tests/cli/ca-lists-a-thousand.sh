#!/usr/bin/env bash
# 1,000 certificates are listed, with pins and addresses, in seconds, and one
# of them is revoked by its pin as quickly.
# build: any
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/pki.sh"

ca init --dir ca --name "Example CA"
openssl ecparam -name P-256 -genkey -noout -out key
openssl req -new -key key -subj /CN=x -addext \
	subjectAltName=URI:urn:bdaddr:00-AA-01-01-00-01 |
	ca sign --dir ca --name first >first.pem
# Made by hand: the same certificate with another serial number of the same
# length patched in; nobody checks its signature here.
hex=$(openssl x509 -in first.pem -outform DER | od -An -v -tx1 | tr -d ' \n')
s=$(openssl x509 -in first.pem -noout -serial)
s=${s#*=}
[[ ${hex^^} == *"$s"* ]]
line=$(tail -n 1 ca/index.txt)
for ((n = 0; n < 999; n++)); do
	printf -v other '4B%014X' "$n"
	name=device-$n
	der=${hex/${s,,}/${other,,}}
	printf '%s\n' '-----BEGIN CERTIFICATE-----' >"ca/certs/$other.pem"
	xxd -r -p <<<"$der" | base64 >>"ca/certs/$other.pem"
	printf '%s\n' '-----END CERTIFICATE-----' >>"ca/certs/$other.pem"
	row=${line/$s/$other}
	printf '%s\n' "${row/CN=first/CN=$name}"
done >>ca/index.txt

began=${EPOCHREALTIME/[.,]/}
ca list --dir ca >all
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
echo "1,001 certificates in $took ms"
[ "$took" -lt 10000 ]
[ "$(jq -r .serial all | sort -u | wc -l)" = 1001 ]
[ "$(jq -r 'select(.name | startswith("device")).pin' all | sort -u)" = \
	"$(pki_pin first.pem)" ]
[ "$(jq -r '.addresses[]' all | sort -u)" = 00:AA:01:01:00:01 ]
[ "$(jq -r .file all | wc -l)" = 1001 ]
began=${EPOCHREALTIME/[.,]/}
ca revoke --dir ca device-500
took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
echo "one of them revoked in $took ms"
[ "$took" -lt 15000 ]
[ "$(ca list --dir ca --revoked | jq -r .name)" = device-500 ]
# all certificates of the key
ca revoke --dir ca "$(pki_pin first.pem)"
[ "$(openssl crl -in ca/crl.pem -noout -text | grep -c 'Serial Number')" = 1000 ]
