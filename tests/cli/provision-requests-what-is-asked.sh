#!/usr/bin/env bash
# Requests contain the names and addresses asked for and the same key each
# time, also with a key in the TPM. Also the pipe, the location of the
# directory, and the default name.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

sans() {
	openssl req -noout -text | sed -n \
		'/Subject Alternative Name/{n;s/^ *//;s/, /\n/g;p}'
}
spki() { openssl req -noout -pubkey; }

start_tpm
provision --tpm --name sensor-7 --csr --dir id \
	--san DNS:other --san URI:urn:x:y --address 00:aa:01:01:00:0f \
	--address C0:AA:01:01:00:01 >csr
openssl req -in csr -verify -noout 2>/dev/null
[ "$(sans <csr)" = "DNS:sensor-7
DNS:other
URI:urn:x:y
URI:urn:bdaddr:00-AA-01-01-00-0F
URI:urn:bdaddr:C0-AA-01-01-00-01" ] || fail "SANs: $(sans <csr)"
[ "$(openssl req -in csr -noout -subject -nameopt RFC2253)" = "subject=CN=sensor-7" ]
[ "$(ls -A id)" = key.pem ]
grep -q 'TSS2 PRIVATE KEY' id/key.pem
key=$(spki <csr)
for name in sensor-7 b; do
	provision --name "$name" --csr --dir id --no-address >again
	openssl req -in again -verify -noout 2>/dev/null
	[ "$(spki <again)" = "$key" ] || fail "another key"
done

# the template in the TPM itself
# octets N: the Nth OCTET STRING of the file
octets() {
	openssl asn1parse -in id/key.pem | grep 'OCTET STRING' |
		sed -n "$1s/.*DUMP\]://p" | \
		python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))'
}
octets 1 >key.pub
octets 2 >key.priv
tpm2_load -Q -C 0x81000001 -u key.pub -r key.priv -c key.ctx
tpm2_readpublic -c key.ctx -f pem -o loaded.pem >print
cmp loaded.pem <(printf '%s\n' "$key")
attributes() { sed -n '/^attributes:/{n;s/ *value: //p;q}'; }
[ "$(attributes <print)" = \
	"fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign" ]
grep -q 'value: ecdsa' print
tpm2_print -t TPM2B_PUBLIC key.pub | grep 'value: NIST p256' >/dev/null
tpm2_flushcontext -t

# another identity under the same parent, both sign
ca init --dir ca --name "Example CA"
provision --csr --dir id --name sensor-7 --no-address | ca sign --dir ca |
	provision --install --dir id --ca ca >/dev/null
provision --tpm --name two --dir two --ca ca --no-address >/dev/null
[ "$(tpm2_getcap handles-persistent)" = "- 0x81000001" ]
[ -z "$(tpm2_getcap handles-transient)" ]
for dir in id two; do
	openssl x509 -in "$dir/cert.pem" -noout -pubkey >public.pem
	echo x >text
	openssl dgst -provider tpm2 -provider default -sha256 \
		-propquery '?provider=tpm2' -sign "$dir/key.pem" \
		-out signature text </dev/null 2>/dev/null
	openssl dgst -sha256 -verify public.pem -signature signature text >/dev/null
done
# a key of another kind in the place of the parent is reported as such
cut_power
rm -rf tpm
start_tpm
tpm2_createprimary -Q -C o -G ecc256:ecdsa \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' -c p.ctx
tpm2_evictcontrol -Q -C o -c p.ctx 0x81000001
tpm2_flushcontext -t
refused 6 '0x81000001.*not a storage key' provision --tpm --name x --dir x \
	--csr --no-address
[ ! -e x ]

# the default name is the host's
unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
if [[ $(uname -n) =~ ^[A-Za-z0-9._-]{1,64}$ ]]; then
	provision --no-tpm --csr --dir host --no-address >csr
	[ "$(sans <csr)" = "DNS:$(uname -n)" ]
fi
if unshare -u hostname '(none)' 2>/dev/null; then
	refused 2 '`\(none\).*--name' unshare -u sh -c \
		'hostname "(none)"; exec "$@"' - "$B/tools/blesec-provision" \
		--no-tpm --csr --dir host2
	[ ! -e host2 ]
fi
long=$(printf 'x%.0s' {1..64})
for name in a A-b_c.9 "$long"; do
	provision --no-tpm --name "$name" --no-address --ca ca --dir "$name" >out
	[ "$(jq -r .name out)" = "$name" ]
	same_key "$name"
done

# where: a link, a slash, BLESEC_DIR
mkdir real
ln -s real link
provision --no-tpm --name l --no-address --ca ca --dir link/ >/dev/null
[ -L link ]
same_key real
BLESEC_DIR=$T/env provision --no-tpm --name l --no-address --ca ca --force \
	>out
same_key env
[ "$(jq -r .dir out)" = "$T/env" ]
