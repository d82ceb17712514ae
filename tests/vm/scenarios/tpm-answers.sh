#!/bin/bash
# /dev/tpmrm0 is a TPM 2.0 that makes and uses a P-256 key through OpenSSL.
set -eu
# shellcheck source=tests/vm/lib.sh
. "$S/tests/vm/lib.sh"

export TPM2TOOLS_TCTI=device:/dev/tpmrm0 TPM2OPENSSL_TCTI=device:/dev/tpmrm0
tpm2_getcap properties-fixed | grep -A 2 TPM2_PT_FAMILY_INDICATOR
[ -z "$(tpm2_getcap handles-persistent)" ] ||
	fail "an earlier scenario's key is still there"

tpm=(-provider tpm2 -provider default -propquery '?provider=tpm2')
openssl genpkey "${tpm[@]}" -algorithm EC -pkeyopt group:P-256 -out "$T/key"
grep -q 'BEGIN TSS2 PRIVATE KEY' "$T/key" || fail "no TPM key"
openssl req -new -x509 "${tpm[@]}" -key "$T/key" -subj /CN=guest -out "$T/cert"
# signed in the TPM, verified without it
openssl verify -CAfile "$T/cert" "$T/cert"
