#!/usr/bin/env bash
# The tests' EST server is a real one: strongSwan's client, which shares no
# code with ours, gets a first certificate and a renewed one from it.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/est.sh"

pki --help 2>/dev/null | grep -e --estca >/dev/null || {
	echo "no pki --est of strongSwan 5.9.8"
	exit 77
}
est_files
start_est --user device --password secret --tls 1.2
# strongSwan accepts no base64 with line breaks
switch lines=0
strongswan() { timeout 30 pki "$@" --url "$url" --cacert web/cacert.pem \
	--outform pem 2>pki.err || fail "$(tail -n 5 pki.err)"; }
strongswan --estca --caout cacert >out
cmp -s <(openssl x509 -in cacert.pem) <(openssl x509 -in ca/cacert.pem)
openssl req -new -key key.pem -subj /CN=sensor -config /dev/null \
	-addext subjectAltName=DNS:sensor -outform DER -out req.der
strongswan --est --in req.der --cacert ca/cacert.pem \
	--userpass device:secret >cert.pem
good cert.pem
strongswan --est --in req.der --cacert ca/cacert.pem --cert cert.pem \
	--key key.pem >renewed.pem
good renewed.pem
! cmp -s cert.pem renewed.pem || fail "the same once more"
grep -q simplereenroll requests
switch lines=0 simpleenroll:pending=1 simpleenroll:retry=1
strongswan --est --in req.der --cacert ca/cacert.pem --interval 1 \
	--maxpolltime 20 --userpass device:secret >cert.pem
good cert.pem
# it refuses what ours refuses
switch lines=0 simpleenroll:status=500
! timeout 30 pki --est --url "$url" --in req.der --cacert web/cacert.pem \
	--cacert ca/cacert.pem --userpass device:secret >out 2>&1 ||
	fail "it takes a 500"
stop_est
