#!/usr/bin/env bash
# init --tpm: the signing key is in the TPM. Every operation of the CA uses it,
# openssl ca can carry on with it, and without the TPM an error says so.
# build: any
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

start_tpm
there=$TPM2OPENSSL_TCTI
for curve in P-256 P-384; do
	openssl ecparam -name "$curve" -genkey -noout -out key
	openssl req -new -key key -subj "/CN=$curve" -out "$curve.csr"
done
trusted() { # trusted ANCHORS CRL CHAIN
	openssl verify -crl_check_all -x509_strict -CRLfile "$2" -CAfile "$1" \
		-untrusted "$3" "$3" >/dev/null 2>&1 &&
		certtool --verify --load-ca-certificate "$1" --load-crl "$2" \
			<"$3" >/dev/null 2>&1
}

ca init --dir ca --name "Kä TPM CA" --tpm
grep -q 'BEGIN TSS2 PRIVATE KEY' ca/cakey.pem
[ "$(stat -c %a ca/cakey.pem)" = 600 ]
for curve in P-256 P-384; do
	ca sign --dir ca <"$curve.csr" >"$curve.pem"
done
ca crl --dir ca >/dev/null
trusted ca/ca.pem ca/crl.pem P-256.pem
trusted ca/ca.pem ca/crl.pem P-384.pem
ca revoke --dir ca P-256
if trusted ca/ca.pem ca/crl.pem P-256.pem; then fail "not revoked"; fi
(
	cd ca
	openssl ca -config openssl.cnf -revoke ../P-384.pem
	openssl ca -config openssl.cnf -gencrl -out crl.pem
) 2>log || fail "openssl ca: $(cat log)"
if trusted ca/ca.pem ca/crl.pem P-384.pem; then fail "not revoked"; fi
ca sign --dir ca <P-256.csr >again.pem
trusted ca/ca.pem ca/crl.pem again.pem
cp ca/ca.pem old.pem
ca renew --dir ca
head -qn 1 ca/cakey.pem ca/previous/cakey.pem | uniq -c | grep -q '2 .*TSS2'
ca sign --dir ca <P-384.csr >new.pem
trusted old.pem ca/crl.pem new.pem
trusted ca/ca.pem ca/crl.pem new.pem
trusted ca/cacert.pem ca/crl.pem new.pem
ca renew --dir ca --finish --force
ca renew --dir ca --same-key
trusted ca/ca.pem ca/crl.pem new.pem

# the intermediate's key is in the TPM; the root's goes off-line as a file
ca init --dir int --name Root --intermediate Leafs --tpm
[[ $(head -n 1 int/cakey.pem) == *TSS2* ]]
[[ $(head -n 1 int/root/cakey.pem) != *TSS2* ]]
ca sign --dir int <P-256.csr >leaf.pem
ca crl --dir int >/dev/null
trusted int/ca.pem int/crl.pem leaf.pem
[ -z "$(tpm2_getcap handles-transient)" ]

# another TPM, and no TPM
export TPM2OPENSSL_TCTI=swtpm:path=$T/nobody
cp ca/index.txt index
sign() { ca sign --dir ca <P-256.csr; }
refused 6 'no TPM answers at .*nobody.*TPM2OPENSSL_TCTI' sign
refused 6 'no TPM answers' ca crl --dir ca
refused 6 'no TPM answers' ca renew --dir ca
refused 6 'no TPM answers' ca init --dir none --name None --tpm
[ ! -e none ]
cmp ca/index.txt index
ca list --dir ca >/dev/null
# TPM2TOOLS_TCTI works as well
unset TPM2OPENSSL_TCTI
TPM2TOOLS_TCTI=$there ca sign --dir ca <P-256.csr >last.pem
trusted ca/ca.pem ca/crl.pem last.pem
