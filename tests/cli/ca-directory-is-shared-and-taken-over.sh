#!/usr/bin/env bash
# openssl itself can sign and revoke in the directory, and blesec-ca carries on
# afterwards. An identity may be inside the directory. A failed init or a
# killed sign leaves nothing in the way.
# build: gcc
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

openssl ecparam -name P-256 -genkey -noout -out key
openssl req -new -key key -subj /CN=a -out csr

# an invalid name: no half-made CA is left
export LC_ALL=C.UTF-8
refused 2 'more than 64' ca init --dir ca --name "$(printf 'x%.0s' {1..65})"
refused 3 'cannot make' ca init --dir ca --name "$(printf '\377')"
[ ! -e ca/cakey.pem ]
ca init --dir ca --name "Kä CA"
[[ $(openssl x509 -in ca/cacert.pem -noout -subject -nameopt utf8) == *"Kä CA"* ]]

# the other way round
ca sign --dir ca <csr >one.pem
(
	cd ca
	openssl ca -batch -config openssl.cnf -in ../csr -out ../two.pem -notext
	openssl ca -config openssl.cnf -revoke ../one.pem
	openssl ca -config openssl.cnf -gencrl -out ../crl.pem
) 2>log || fail "openssl ca: $(cat log)"
openssl verify -x509_strict -CAfile ca/cacert.pem two.pem >/dev/null
openssl crl -in crl.pem -CAfile ca/cacert.pem -noout 2>/dev/null
if openssl verify -crl_check -CRLfile crl.pem -CAfile ca/cacert.pem \
	one.pem >/dev/null 2>&1; then
	fail "the revoked certificate is not"
fi
ca sign --dir ca <csr >three.pem
openssl verify -crl_check -CRLfile crl.pem -CAfile ca/cacert.pem \
	three.pem >/dev/null
[ "$(ca list --dir ca | jq -rs 'map(.status) | join(" ")')" = \
	"valid revoked valid valid" ]
[ "$(ca list --dir ca | jq -r .serial | sort -u | wc -l)" = 4 ]

# an identity in the CA's directory: its parent is locked meanwhile
(cd ca && timeout 45 "$B/tools/blesec-provision" --no-tpm --no-address \
	--name in --ca . --dir id >/dev/null) || fail "locked itself out"
same_key ca/id

# killed while it signs: the next run works, and no serial number repeats
for n in {1..12}; do
	"$S/scripts/blesec-ca" sign --dir ca <csr >killed.pem 2>/dev/null &
	victim=$!
	sleep "0.$(printf %03d $((n * 12)))"
	kill -9 "$victim" 2>/dev/null || :
	wait "$victim" 2>/dev/null || :
done
ca sign --dir ca <csr >last.pem
openssl verify -CAfile ca/cacert.pem last.pem >/dev/null
[ -z "$(ca list --dir ca | jq -r .serial | sort | uniq -d)" ]
serial=$(openssl x509 -in last.pem -noout -serial)
[ "$(ca list --dir ca | jq -rs 'last.serial')" = "${serial#*=}" ]

# an expired CA is reported
ca init --dir old --name Old
(
	cd old
	openssl req -new -config openssl.cnf -key cakey.pem -subj /CN=Old -out r
	openssl ca -batch -selfsign -config openssl.cnf -notext -in r \
		-startdate 20200101000000Z -enddate 20200201000000Z -out new.pem
	mv new.pem cacert.pem
) 2>/dev/null
sign() { ca sign --dir old <csr; }
refused 3 'expired' sign

# the CA decides the name; only addresses are taken from the request
openssl req -new -key key -subj /CN=asked -addext \
	"subjectAltName=DNS:asked,DNS:x,URI:urn:bdaddr:00-AA-01-01-00-01,URI:urn:bdaddr:00-AA,email:a@b" \
	-out sans.csr
ca sign --dir ca --name given <sans.csr >sans.pem 2>warnings
san=$(openssl x509 -in sans.pem -noout -ext subjectAltName | tail -n 1)
[ "${san// /}" = "DNS:given,URI:urn:bdaddr:00-AA-01-01-00-01" ]
for left in DNS:asked DNS:x 'bdaddr:00-AA$' a@b; do
	grep -q -- "$left" warnings || fail "nothing is said of $left"
done
if openssl x509 -in sans.pem -noout -text | grep -q 'CA:TRUE'; then
	fail "a CA was made"
fi
# nor are extensions that would make it a CA
openssl req -new -key key -subj /CN=a \
	-addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=keyCertSign | ca sign --dir ca >ca.pem
[[ $(openssl x509 -in ca.pem -noout -ext basicConstraints) == *CA:FALSE* ]]
[[ $(openssl x509 -in ca.pem -noout -ext keyUsage) != *Certificate* ]]
central=$(ca sign --dir ca --role central <csr |
	openssl x509 -noout -ext extendedKeyUsage)
[[ $central == *Client* && $central != *Server* ]]
