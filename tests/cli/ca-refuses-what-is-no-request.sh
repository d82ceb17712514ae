#!/usr/bin/env bash
# A file that is not a request gives one clear line and the right status, and
# the index stays as it is.
# build: any
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

ca init --dir ca --name "Example CA"
cp ca/index.txt index
openssl req -newkey rsa:2048 -nodes -keyout /dev/null -subj /CN=a \
	-out rsa.csr 2>/dev/null
openssl ecparam -name P-256 -genkey -noout -param_enc explicit -out explicit.key
openssl req -new -key explicit.key -subj /CN=a -out explicit.csr
openssl ecparam -name secp256k1 -genkey -noout -out k1.key
openssl req -new -key k1.key -subj /CN=a -out k1.csr
openssl ecparam -name P-256 -genkey -noout -out key
openssl req -new -key key -subj "/CN=a b" -out name.csr
openssl req -new -key key -subj /CN=abc -outform DER |
	sed 's/abc/abd/' | openssl req -inform DER -out tampered.csr
sign() { ca sign --dir ca <"$1"; }
echo garbage >garbage
head -c 1000 /dev/urandom >noise
refused 3 'no request' sign /dev/null
refused 3 'is not a certificate request' sign garbage
refused 3 'is not a certificate request' sign noise
refused 3 'P-256 or P-384' sign rsa.csr
refused 3 'P-256 or P-384' sign explicit.csr
refused 3 'P-256 or P-384' sign k1.csr
refused 3 'a b' sign name.csr
refused 3 'signature' sign tampered.csr
cmp ca/index.txt index
refused 2 'frob' ca frob
refused 2 'init, sign, revoke, crl, list or renew' ca
refused 2 '\-\-frob' ca sign --frob
refused 2 'wants a value' ca sign --dir
refused 2 'role.*king' ca sign --dir ca --role king
refused 2 'days.*-1' ca sign --dir ca --days -1
refused 2 'name' ca init --dir other
refused 3 'already' ca init --dir ca --name X
refused 3 'no directory' ca list --dir nowhere
refused 3 'not a CA' ca list --dir .
ca --help | grep '^usage:' >/dev/null
