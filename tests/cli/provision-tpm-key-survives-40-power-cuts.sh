#!/usr/bin/env bash
# The key still signs after 40 power cuts between signatures, through openssl's
# own tool and without a prompt; its template is ours, and nothing stays in
# the TPM's slots.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

start_tpm
ca init --dir ca --name "Example CA"
provision --tpm --name sensor-7 --ca ca --dir sensor --no-address >out
jq -e '.event == "provisioned" and .tpm and .name == "sensor-7"' out >/dev/null
[ "$(stat -c %a sensor/key.pem)" = 600 ]
[ -z "$(tpm2_getcap handles-transient)" ]
attributes() { sed -n '/^attributes:/{n;s/ *value: //p;q}'; }
[ "$(tpm2_readpublic -c 0x81000001 | attributes)" = \
	"fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt" ]
# TPM2B_PUBLIC is the first OCTET STRING of the file
openssl asn1parse -in sensor/key.pem -strparse 23 -noout -out public
tpm2_print -t TPM2B_PUBLIC public >print 2>/dev/null ||
	{ { printf '\0\x58'; cat public; } >whole; tpm2_print -t TPM2B_PUBLIC whole >print; }
[ "$(attributes <print)" = \
	"fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign" ]
openssl x509 -in sensor/cert.pem -noout -pubkey >public.pem
for n in {1..40}; do
	echo "$n" >text
	openssl dgst -provider tpm2 -provider default \
		-propquery '?provider=tpm2' -sha256 \
		-sign sensor/key.pem -out signature text </dev/null 2>err ||
		fail "after $n cuts: $(cat err)"
	openssl dgst -sha256 -verify public.pem -signature signature text >/dev/null
	cut_power
	start_tpm
done
# a second identity under the same parent
provision --tpm --name sensor-8 --ca ca --dir other --no-address >/dev/null
[ -z "$(tpm2_getcap handles-transient)" ]
# and what it is all for
"$B/tools/blesec-provision" --no-tpm --name phone --ca ca --dir phone \
	--no-address >/dev/null
serve </dev/null
connect </dev/null >connect.json
grep -q '"peer":"sensor-7"' connect.json
stop_serve
