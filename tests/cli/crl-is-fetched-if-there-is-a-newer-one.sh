#!/usr/bin/env bash
# --fetch-crl installs the CRL of a CA in ca.pem if it is newer, in DER or PEM,
# by http and https, from the given URL or the one in the certificate. It
# downloads only if the CRL has changed, keeps CRLs of other CAs, and reports
# the result in one line.
# takes: 20 s
# time limit: 240
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/crl.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
refresh() { ca crl --dir ca >www/crl.pem; }
number() { openssl crl -in "${1:-id/crl.pem}" -noout -crlnumber; }
# what serve finds when it starts
starts() { "$B/tools/blesec-verify" --dir id --ca id/ca.pem >verdict 2>&1; }

ca init --dir ca --name "Example CA"
provision --no-tpm --no-address --name sensor --ca ca --dir id >/dev/null
start_http
refresh

# no CRL yet; then nothing new; then a newer one
takes installed "$url/crl.pem"
asked 200 crl.pem -
cmp id/crl.pem www/crl.pem
[ "$(stat -c %a id/crl.pem)" = 644 ]
jq -e '.crls[0] | .issuer == "/CN=Example CA" and .number == "01"
	and .revoked == 0 and (.next_update | test("^20.*Z$"))' out >/dev/null
inode=$(stat -c %i id/crl.pem)
takes unchanged "$url/crl.pem"
asked 304 crl.pem
takes unchanged "$url/plain/crl.pem"
asked 200 plain/crl.pem
takes unchanged "$url/plain/crl.pem"
asked 304 plain/crl.pem
# what http said is not trusted forever, and not if it lies in the future
for since in "now - 73000" "now + 100"; do
	jq -c ".urls[].since = ($since | floor)" id/crl.json >old.json
	cp old.json id/crl.json
	takes unchanged "$url/crl.pem"
	asked 200 crl.pem -
	takes unchanged "$url/crl.pem"
	asked 304 crl.pem
done
for _ in 1 2; do
	takes unchanged "$url/dateless/crl.pem"
	asked 200 dateless/crl.pem -
done
takes unchanged "$url/crl.pem"
asked 304 crl.pem
[ "$(stat -c %i id/crl.pem)" = "$inode" ] || fail "written anew"
provision --no-tpm --no-address --name bad --ca ca --dir bad >/dev/null
cp id/crl.pem before.pem
ca revoke --dir ca bad
cp ca/crl.pem www/crl.pem
takes installed "$url/crl.pem"
cmp id/crl.pem www/crl.pem
jq -e '.crls[0].revoked == 1' out >/dev/null

# a validator for another crl.pem does not apply to this one
rm id/crl.pem
takes installed "$url/crl.pem"
asked 200 crl.pem -
cp before.pem id/crl.pem
takes installed "$url/crl.pem"
asked 200 crl.pem -
openssl crl -in www/crl.pem -out id/crl.pem -text
takes unchanged "$url/crl.pem"
rm id/crl.json
takes unchanged "$url/crl.pem"
asked 200 crl.pem -
echo nonsense >id/crl.json
takes unchanged "$url/crl.pem"
asked 200 crl.pem -

# DER; text around the PEM; up to 5 redirects
refresh
openssl crl -in www/crl.pem -outform DER -out www/crl.der
takes installed "$url/crl.der"
cmp id/crl.pem www/crl.pem
refresh
openssl crl -in www/crl.pem -text -out www/text.pem
takes installed "$url/text.pem"
refresh
takes installed "$url/redirect-5/crl.pem"
[ "$(number)" = "$(number www/crl.pem)" ]

# busybox's httpd, and https by openssl and python
if command -v busybox >/dev/null && busybox --list | grep -x httpd >/dev/null; then
	port=$(free_port)
	busybox httpd -f -p "127.0.0.1:$port" -h www >/dev/null 2>&1 &
	await 5 bash -c ": </dev/tcp/127.0.0.1/$port"
	refresh
	takes installed "http://127.0.0.1:$port/crl.pem"
	takes unchanged "http://127.0.0.1:$port/crl.pem"
fi
pki_ca web "Web CA"
pki_identity tls web name=localhost san=DNS:localhost,IP:127.0.0.1
port=$(free_port)
(cd www && exec openssl s_server -quiet -WWW -accept "127.0.0.1:$port" \
	-cert ../tls/cert.pem -key ../tls/key.pem >/dev/null 2>&1 8<&-) &
await 5 bash -c ": </dev/tcp/127.0.0.1/$port"
refresh
takes installed "https://localhost:$port/crl.pem" --crl-ca web/cacert.pem
start_http --cert "$T/tls/cert.pem" --key "$T/tls/key.pem"
refresh
takes installed "https://${url#http://}/crl.pem" --crl-ca web/cacert.pem
takes unchanged "https://${url#http://}/crl.pem" --crl-ca web/cacert.pem
asked 304 crl.pem
# the https server must be trusted, and no redirect leaves https
leaves 4 'not the expected one' "https://${url#http://}/crl.pem"
leaves 4 'not the expected one' "https://${url#http://}/crl.pem" \
	--crl-ca ca/cacert.pem
leaves 3 'no PEM' "https://${url#http://}/crl.pem" --crl-ca id/key.pem
secure=$url
start_http
leaves 3 'not HTTP|Unsupported|not supported' \
	"https://${secure#http://}/to=$(jq -rn --arg u "$url/crl.pem" '$u|@uri')/x" \
	--crl-ca web/cacert.pem

# the URL in the certificate; where there are two for one CRL, one is enough
ca init --dir named --name "Naming CA" --crl-url "$url/named.pem"
provision --no-tpm --no-address --name sensor --ca named --dir id2 >/dev/null
openssl x509 -in id2/cert.pem -noout -ext crlDistributionPoints |
	grep -qF "URI:$url/named.pem"
ca crl --dir named >www/named.pem
provision --dir id2 --fetch-crl >out
jq -e --arg u "$url/named.pem" '.url == $u and .status == "installed"' out >/dev/null
provision --dir id2 --fetch-crl | jq -e '.status == "unchanged"' >/dev/null
provision --dir id2 --no-address --csr |
	ca sign --dir named --crl-url "$url/other.pem" >other.pem
openssl x509 -in other.pem -noout -text | grep -qF "URI:$url/other.pem"
# a CA that was made without a URL, from now on
provision --dir id --no-address --csr >csr
echo "$url/late.pem" >ca/crl-url
ca sign --dir ca <csr | openssl x509 -noout -text | grep -qF "URI:$url/late.pem"
echo 'ftp://x/y' >ca/crl-url
sign_csr() { ca sign --dir ca <csr; }
refused 3 'bad URL in .ca/crl-url., .ftp://x/y.' sign_csr
rm ca/crl-url
refused 3 'name no http or https URL of a CRL.*--crl-url' provision --dir id --fetch-crl
pki_identity two ca "more=crlDistributionPoints = URI:$url/status-404/x,URI:ldap://x/y,URI:$url/crl.pem"
refresh
status=0
provision --dir two --fetch-crl >out 2>err || status=$?
[ "$status" = 3 ] || fail "one point of two: status $status"
[ "$(jq -r .status out | xargs)" = "failed installed" ]
printf '[p]\nfullname = URI:%s,URI:%s\n' "$url/status-404/x" "$url/crl.pem" >point
pki_identity one ca "more=crlDistributionPoints = p
$(cat point)"
provision --dir one --fetch-crl >out 2>err || fail "one point: $(cat err)"
[ "$(jq -r .status out | xargs)" = "failed installed" ]

# with a second CA of the same name, and one below it: each has its own CRL
ca renew --dir ca
provision --dir id --install --ca ca <id/cert.pem >/dev/null
refresh
[ "$(grep -c BEGIN www/crl.pem)" = 2 ]
takes installed "$url/crl.pem"
[ "$(grep -c BEGIN id/crl.pem)" = 2 ]
old=$(openssl crl -in id/crl.pem -noout -fingerprint)
ca crl --dir ca | openssl crl -out www/new.pem
takes installed "$url/new.pem"
[ "$(grep -c BEGIN id/crl.pem)" = 2 ] || fail "one is gone"
[ "$(openssl crl -in id/crl.pem -noout -fingerprint)" = "$old" ] ||
	fail "in the place of the other's"
starts || fail "not good: $(cat verdict)"
# a CRL of a CA that is no longer trusted would block all, so it is removed
ca renew --dir ca --finish --force
provision --no-tpm --no-address --name sensor --ca ca --dir id --force >/dev/null
refresh
takes installed "$url/crl.pem"
[ "$(grep -c BEGIN id/crl.pem)" = 1 ] || fail "a stranger's is kept"
starts || fail "not good: $(cat verdict)"
# one CA key under two names: each name has its own CRL, whatever their numbers
mkdir renamed
cp ca/cakey.pem renamed
openssl req -x509 -new -key renamed/cakey.pem -out renamed/cacert.pem \
	-config /dev/null -subj "/CN=Renamed CA" -days 3650 \
	-addext basicConstraints=critical,CA:TRUE \
	-addext keyUsage=critical,keyCertSign,cRLSign \
	-addext subjectKeyIdentifier=hash
cat renamed/cacert.pem >>id/ca.pem
issuers() { jq -r '.crls | map(.issuer) | sort | join(" and ")' out; }
pki_crl www/renamed.pem renamed
for file in renamed crl; do
	takes installed "$url/$file.pem"
	[ "$(issuers)" = '/CN=Example CA and /CN=Renamed CA' ] ||
		fail "there is: $(issuers)"
	refresh
done
starts || fail "not good: $(cat verdict)"
