#!/usr/bin/env bash
# A certificate has at most 460 octets with an address; OpenSSL (strict),
# GnuTLS and strongSwan accept it; its role, lifetime and names are what the CA
# says.
# build: any
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

ca init --dir ca --name "Example CA"
[ "$(stat -c %a ca/cakey.pem)" = 600 ]
openssl ecparam -name P-256 -genkey -noout -out key
request() { # request SAN
	openssl req -new -key key -subj /CN=wrong -addext "subjectAltName=$1"
}
request "URI:urn:bdaddr:00-AA-01-01-00-01,DNS:evil,IP:10.0.0.1,URI:http://x" |
	ca sign --dir ca --name sensor-7 >cert.pem 2>err
grep -q 'DNS:evil' err && grep -q 'http://x' err
[ "$(openssl x509 -in cert.pem -outform DER | wc -c)" -le 460 ]
openssl verify -x509_strict -purpose sslserver -CAfile ca/cacert.pem cert.pem >/dev/null
openssl verify -x509_strict -purpose sslclient -CAfile ca/cacert.pem cert.pem >/dev/null
certtool --verify --load-ca-certificate ca/cacert.pem <cert.pem >/dev/null
pki --verify --in cert.pem --cacert ca/cacert.pem >/dev/null
san=$(openssl x509 -in cert.pem -noout -ext subjectAltName | tail -n 1 | tr -d ' ')
[ "$san" = "DNS:sensor-7,URI:urn:bdaddr:00-AA-01-01-00-01" ]
[ "$(openssl x509 -in cert.pem -noout -subject -nameopt RFC2253)" = "subject=CN=sensor-7" ]
openssl x509 -in cert.pem -noout -checkend $((824 * 86400)) >/dev/null
if openssl x509 -in cert.pem -noout -checkend $((826 * 86400)) >/dev/null; then
	fail "longer than 825 days"
fi

usage() { openssl x509 -noout -ext extendedKeyUsage | tail -n 1; }
[[ $(request URI:urn:bdaddr:00-AA-01-01-00-01 | ca sign --dir ca --name a --role central | usage) \
	== *Client* ]]
both=$(request URI:urn:bdaddr:00-AA-01-01-00-01 | ca sign --dir ca --name a | usage)
[[ $both == *Client*Server* ]]
only=$(request URI:urn:bdaddr:00-AA-01-01-00-01 | ca sign --dir ca --name a --role peripheral | usage)
[[ $only == *Server* && $only != *Client* ]]

# never beyond the end of the CA's own certificate
ca init --dir short --name "Short CA" --days 10
request URI:urn:bdaddr:00-AA-01-01-00-01 | ca sign --dir short --name a >short.pem
[ "$(openssl x509 -in short.pem -noout -enddate)" = \
	"$(openssl x509 -in short/cacert.pem -noout -enddate)" ]

# ten at once: ten serial numbers and an intact index
for n in {1..10}; do
	request URI:urn:bdaddr:00-AA-01-01-00-01 | ca sign --dir ca --name "n$n" >"n$n.pem" &
	waits[n]=$!
done
for n in {1..10}; do wait "${waits[n]}"; done
[ "$(ca list --dir ca | jq -r .serial | sort -u | wc -l)" = 15 ]
[ "$(ca list --dir ca | jq -r 'select(.name | startswith("n")).name' | wc -l)" = 10 ]

# anybody who knows openssl can take the CA over
(cd ca && openssl ca -config openssl.cnf -revoke ../cert.pem) 2>/dev/null
[ "$(ca list --dir ca | jq -r 'select(.name == "sensor-7").status')" = revoked ]
