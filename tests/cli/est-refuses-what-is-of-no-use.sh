#!/usr/bin/env bash
# A useless answer of an EST server is refused in one line with the value, with
# the exit status of its kind. An answer that never comes ends in time.
# takes: 30 s
# time limit: 240
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/est.sh"

est_files
start_est --user device --password secret
# useless REGEX SWITCH...: refused from cacerts and from simpleenroll
useless() {
	local regex=$1
	shift
	switch "$@"
	refused 3 "$regex" est cacerts
	switch "${@/#/simpleenroll:}"
	refused 3 "$regex" enrol
}

useless 'HTTP status 500: no CA today$' status=500 'text=no CA today'
useless 'HTTP status 503, it is out of service now$' status=503 text=
useless 'HTTP status 404' status=404
useless 'HTTP status 204' status=204
switch status=403 'text=not you'
refused 4 'HTTP status 403, access is denied: not you' est cacerts
# an HTML page is not shown as a reason, nor are terminal escapes
useless 'HTTP status 500$' status=500 'text=<h1>Oops</h1>' type=text/html
useless 'HTTP status 500$' status=500 "text=$(printf '\033[31mred')"
useless "HTTP status 500: x{120}\$" status=500 "text=$(printf 'x%.0s' {1..500})"

useless 'its type is `text/html' type=text/html
useless 'its type is `' type=none
useless 'smime-type=server-generated-key' \
	'type=application/pkcs7-mime; smime-type=server-generated-key'
useless 'its type is `application/pkcs7-mimex' type=application/pkcs7-mimex
useless 'its base64 has 0x2a at octet 10' garbage-base64
useless 'its base64 ends after [0-9]+ digits' cut-base64
useless 'its base64 has 0x' raw-der
useless 'it is empty' empty
useless 'it is not a PKCS#7, of 24 octets' garbage-der
useless '3 octets follow its PKCS#7' trailing
useless 'not certs-only: its type is `pkcs7-data' content
useless 'not certs-only: it has a content' signature
useless 'it has 0 certificates' no-certificate
useless 'it has 17 certificates, 1 to 16 are wanted' many
useless 'sends too much: more than 16384 octets of headers' big-header
useless 'sends too much: .* or 131072 octets of body' big-body
useless 'answers with HTTP status 307, but without a Location' redirect=none
useless 'has redirected 5 times' redirect=loop
useless 'is not HTTP' not-http

switch simpleenroll:other-key
refused 3 'certificate of `/CN=other. is for another key than ours' enrol
switch simpleenroll:other-ca
refused 3 'sensor. does not chain to the CA: unable to get local issuer' enrol
switch simpleenroll:expired
refused 3 'certificate has expired \(2021-01-01T00:00:00Z\).*clock' enrol
switch simpleenroll:not-yet
refused 3 'not yet valid \(2040-01-01T00:00:00Z\).*clock' enrol
switch
refused 3 'unable to get local issuer' enrol --anchors other/cacert.pem
stop_est
start_est --cacerts www/cert.pem --user device --password secret
refused 3 'no certificate in it is self-signed' enrol
stop_est

start_est --user device --password secret
# what is asked for in the request
for attrs in 05 3003020101 3005060355040330 0400 \
	"3081a5$(printf '0603550403%.0s' {1..33})"; do
	switch "attrs=$attrs"
	refused 3 'csrattrs is unusable: it is not a CsrAttrs' est csrattrs
done
switch attrs=3000 type=application/pkcs7-mime
refused 3 'its type is `application/pkcs7-mime' est csrattrs
switch attrs=3000 garbage-base64
refused 3 'base64' est csrattrs
switch csrattrs:status=500
refused 3 'csrattrs with HTTP status 500' est csrattrs

# clients: unknown, another's, one without the right
switch
refused 4 'HTTP status 401, it requires a user.*: who are you' \
	est --key key.pem enrol
echo wrong >wrong && chmod 600 wrong
refused 4 'HTTP status 401' est --user device --password-file wrong \
	--key key.pem enrol
refused 4 'HTTP status 403, access is denied: renewal wants the certificate' \
	with_password --key key.pem reenrol
pki_identity foreign web
refused 4 'refuses us: it sends the alert `unknown CA' \
	est --cert foreign --name foreign reenrol
switch refuse-client
refused 4 'refuses us: it sends the alert' est cacerts

# 202: wait no longer than the limit, and no less than a second
switch simpleenroll:pending=1 simpleenroll:retry=999999999999999999999
refused 7 'ask again in 1000000000 s; [0-9]+ s are left' enrol
switch simpleenroll:pending=0
enrol >cert.pem
switch simpleenroll:pending=1 simpleenroll:retry=date+3600
refused 7 'ask again in 3(600|59[0-9]) s' enrol
switch
enrol >cert.pem
# never decided: ask until the limit, at most once a second
switch simpleenroll:pending=999 simpleenroll:retry=0
start=$SECONDS
: >requests
refused 7 'has not decided yet' enrol --timeout 5
[ $((SECONDS - start)) -le 25 ] || fail "$((SECONDS - start)) s"
[ "$(grep -c simpleenroll requests)" -le 12 ] || fail "it hammers the server"
stop_est
start_est --user device --password secret
for retry in none soon -5 '1 hour'; do
	switch simpleenroll:pending=1 "simpleenroll:retry=$retry"
	expect 7 enrol --timeout 8 2>err
	grep -q "not how long (its Retry-After is \`" err || fail "$(cat err)"
	switch
	enrol >cert.pem
done

# an answer that never comes, or comes drop by drop
for fault in silent drip; do
	switch $fault
	start=$SECONDS
	refused 7 'does not answer in time' est --timeout 3 cacerts
	[ $((SECONDS - start)) -le 25 ] || fail "$fault: $((SECONDS - start)) s"
done
switch cut
refused 5 'the connection to .* is lost' est cacerts
stop_est
refused 5 "no connection to the EST server \`https://localhost:$est_port/" \
	est cacerts
refused 5 'no connection' bare --url https://nowhere.invalid --ca \
	web/cacert.pem cacerts
