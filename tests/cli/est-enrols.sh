#!/usr/bin/env bash
# An EST server gives a certificate to a user with a password (Basic, Digest)
# and to a device with a certificate, over TLS 1.2 and 1.3, in any form of
# answer that RFC 8951 allows, at once or once it has decided.
# takes: 30 s
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/est.sh"

est_files
openssl ecparam -name P-384 -genkey -noout -out key384.pem
chmod 600 key384.pem
start_est --user device --password secret

# cacerts gives the CA's certificates, unauthenticated
est cacerts >cacerts.pem
cmp cacerts.pem ca/cacert.pem
grep -qx 'GET /.well-known/est/cacerts' requests

# the form of the request: RFC 8951 has no Content-Transfer-Encoding
enrol >cert.pem
good cert.pem
[ "$(openssl x509 -in cert.pem -noout -subject -nameopt RFC2253)" = "subject=CN=sensor" ]
grep -qx '  Content-Type: application/pkcs10' requests
! grep -qi 'transfer-encoding' requests || fail "Content-Transfer-Encoding"
with_password --key key384.pem enrol >cert384.pem
good cert384.pem key384.pem

# the URL: as a base, with the path already added, with slashes
for tail in / /.well-known/est /.well-known/est/; do
	bare --url "$url$tail" --ca web/cacert.pem cacerts >again.pem
	cmp again.pem cacerts.pem || fail "not at $tail"
done

# answers in every form
for form in lines=0 lines=64 lines=76 lines=1 chunked root-first \
	'type=application/pkcs7-mime' 'type=APPLICATION/PKCS7-MIME ; x=y' \
	'type=application/pkcs7-mime; name="a"; smime-type="certs-only"'; do
	switch "$form"
	est cacerts >again.pem
	cmp again.pem cacerts.pem || fail "cacerts, $form"
	switch "simpleenroll:$form"
	enrol >cert.pem
	good cert.pem
	[ "$(grep -c BEGIN cert.pem)" = 1 ] || fail "more than one: $form"
done
switch chunked lines=0
enrol >cert.pem
good cert.pem

# a redirect within the origin, of both kinds of request
switch redirect=same
enrol >cert.pem
good cert.pem
grep -qx 'POST /.well-known/est/simpleenroll?again' requests

# 202 with seconds or a date: the same request is sent again
for retry in 1 0 date+2 'Sun, 06 Nov 1994 08:49:37 GMT' \
	'Sunday, 06-Nov-94 08:49:37 GMT' 'Sun Nov  6 08:49:37 1994'; do
	: >requests
	switch simpleenroll:pending=2 "simpleenroll:retry=$retry"
	enrol >cert.pem 2>err
	good cert.pem
	[ ! -s err ] || fail "$retry: $(cat err)"
	# one more that the server asks for the password with
	[ "$(grep -c simpleenroll requests)" -ge 3 ] || fail "not again: $retry"
done

# the attributes that the server wants in a request
switch attrs=404
[ -z "$(est csrattrs)" ]
switch attrs=204
[ -z "$(est csrattrs 2>&1)" ]
switch attrs=3000
[ -z "$(est csrattrs 2>&1)" ]
# the example of RFC 7030: challengePassword, a key on secp384r1,
# extensionRequest with macAddress, ecdsa-with-SHA384
switch attrs=304106092a864886f70d010907301206072a8648ce3d0201310706052b81040022301606092a864886f70d01090e310906072b06010101011606082a8648ce3d040303
est csrattrs >wishes 2>err
[ "$(cat wishes)" = "lacking challengePassword
given id-ecPublicKey
lacking secp384r1
lacking 1.3.6.1.1.1.1.22
lacking ecdsa-with-SHA384" ] || fail "$(cat wishes)"
[ "$(grep -c 'warning: .*which is not given' err)" = 4 ]
grep -q 'asks for `challengePassword' err
# extensions themselves (RFC 9908): subjectAltName, keyUsage
switch attrs=3029302706092a864886f70d01090e311a301830090603551d1104023000300b0603551d0f0404030205a0
est csrattrs >wishes 2>err || fail "$(cat err)"
[ "$(cat wishes)" = "given X509v3 Subject Alternative Name
lacking X509v3 Key Usage" ] || fail "$(cat wishes)"

# by a certificate, to renew it with another key and with the same one
switch
pki_identity foreign web
mkdir id
enrol >id/cert.pem
cp key.pem id
openssl ecparam -name P-256 -genkey -noout -out new.pem
chmod 600 new.pem
est --cert id --key new.pem --name sensor reenrol >cert.pem
good cert.pem new.pem
est --cert id --name sensor reenrol >cert.pem
good cert.pem
refused 3 'HTTP status 400: other names than in the certificate' \
	est --cert id --name another reenrol
# it may enrol another device too
est --cert id --key new.pem --name other enrol >cert.pem
good cert.pem new.pem
mkdir id384
with_password --key key384.pem --name big enrol >id384/cert.pem
cp key384.pem id384/key.pem
est --cert id384 --name big reenrol >cert.pem
good cert.pem key384.pem
stop_est

start_est --tls 1.2
for dir in id id384; do
	name=$([ $dir = id ] && echo sensor || echo big)
	est --cert $dir --name "$name" reenrol >cert.pem
	good cert.pem $dir/key.pem
done
stop_est

start_est --digest --user device --password secret --label devices.v1
est --label devices.v1 cacerts >again.pem
cmp again.pem cacerts.pem
enrol --label devices.v1 >cert.pem
good cert.pem
refused 3 'HTTP status 404.*no such EST service: nothing here' est cacerts
stop_est

# a CA below a CA: cacerts completes the chain up to the root
ca init --dir sub --name "Sub CA"
openssl req -new -key sub/cakey.pem -subj '/CN=Sub CA' -config /dev/null |
	openssl x509 -req -CA ca/cacert.pem -CAkey ca/cakey.pem -days 100 \
		-extfile <(printf '%s\n' basicConstraints=critical,CA:TRUE \
			keyUsage=critical,keyCertSign subjectKeyIdentifier=hash) \
		-out sub/new.pem 2>/dev/null
mv sub/new.pem sub/cacert.pem
cat sub/cacert.pem ca/cacert.pem >both.pem
start_est --ca sub --cacerts both.pem --user device --password secret
for form in lines=64 root-first; do
	switch "simpleenroll:$form"
	enrol >cert.pem
	good cert.pem
	[ "$(grep -c BEGIN cert.pem)" = 2 ] || fail "not completed: $form"
done
stop_est
[ ! -s errors ] || fail "the server: $(cat errors)"
