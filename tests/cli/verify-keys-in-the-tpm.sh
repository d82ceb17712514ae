#!/usr/bin/env bash
# blesec-verify asks the TPM about a key that was made there, an imported one,
# and one of another TPM; with the TPM gone, the status is 6.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/pki.sh"
. "$S/tests/lib/verify.sh"

tpm_says() { jq -r '.checks[] | select(.check == "tpm").ok' out.json; }
# no_tpm REGEX ARGUMENT...
no_tpm() {
	bad 6 key "$@"
	[ "$(tpm_says)" = null ] || fail "the TPM was asked"
	[ ! -s err ] || fail "on stderr: $(cat err)"
}

start_tpm
ca init --dir ca --name "Example CA"
provision --tpm --no-address --name t --ca ca --dir t >/dev/null
good --dir t --tpm
[ "$(tpm_says)" = true ] || fail "not in the TPM"
# nothing is left in its slots
for ((n = 0; n < 8; n++)); do good --dir t; done
[ -z "$(tpm2_getcap handles-transient)" ] || fail "left in the TPM"
# a certificate for another key
provision --no-tpm --no-address --name f --ca ca --dir f >/dev/null
cp f/cert.pem kept.pem
cp t/cert.pem mine.pem
cp kept.pem t/cert.pem
bad 3 key 'not that of the certificate' --dir t
cp mine.pem t/cert.pem

# made elsewhere, and brought in
imported() { # FILE
	openssl ecparam -name P-256 -genkey -noout -out soft.pem
	tpm2_import -Q -C 0x81000001 -G ecc -i soft.pem -u pub -r priv
	key_file "$1"
}
# made here, and free to go wherever
may_leave() { # FILE
	tpm2_startauthsession -Q -S session.ctx
	tpm2_policycommandcode -Q -S session.ctx -L policy TPM2_CC_Duplicate
	tpm2_flushcontext -Q session.ctx
	tpm2_create -Q -C 0x81000001 -G ecc -L policy -u pub -r priv \
		-a 'sensitivedataorigin|userwithauth|sign'
	key_file "$1"
}
key_file() { # FILE, of pub and priv
	tpm2_encodeobject -Q -C 0x81000001 -u pub -r priv -o raw.pem
	openssl asn1parse -in raw.pem -noout -out raw.der
	# emptyAuth: it has no password
	printf '\xff' | dd of=raw.der bs=1 seek=16 conv=notrunc 2>/dev/null
	{
		echo '-----BEGIN TSS2 PRIVATE KEY-----'
		base64 -w 64 raw.der
		echo '-----END TSS2 PRIVATE KEY-----'
	} >"$1"
}
if command -v tpm2_encodeobject >/dev/null; then
	mkdir -m 700 i
	cp t/ca.pem i
	imported i/key.pem
	chmod 600 i/key.pem
	openssl req -new -key soft.pem -subj /CN=i -out i.csr
	ca sign --dir ca --name i <i.csr >i/cert.pem
	bad 3 tpm 'made elsewhere.*fixedTPM fixedParent sensitiveDataOrigin' --dir i
	good --allow-imported --dir i
	jq -e '(.checks[] | select(.check == "tpm")).ok and
		(.warnings | any(contains("made elsewhere")))' out.json >/dev/null ||
		fail "$(cat out.json)"
	mkdir -m 700 l
	cp t/ca.pem l
	may_leave l/key.pem
	chmod 600 l/key.pem
	provision --dir l --csr --name l --no-address |
		ca sign --dir ca --name l >l.pem
	cp l.pem l/cert.pem
	bad 3 tpm 'can be exported.*lacks fixedTPM fixedParent$' --dir l
	bad 3 tpm 'can be exported' --allow-imported --dir l
fi

# what is no such file inside
cp -a t broken
sed -i -E '3{s/^(.{4})A/\1B/;t;s/^(.{4})./\1A/}' broken/key.pem
status=0
verify --dir broken >out.json 2>err || status=$?
[ "$status" = 6 ] || fail "a broken key: status $status"

cut_power
no_tpm "no TPM answers at .*t/key.pem" --dir t
no_tpm 'swtpm:path=nobody' --dir t --tcti swtpm:path=nobody
# the certificate can be read all the same
good --ca t/ca.pem t/cert.pem
rm -rf tpm
start_tpm
no_tpm 'does not load the key' --dir t
cut_power
