#!/usr/bin/env bash
# A TPM key can be under --parent, at --persistent, of an owner with a
# password, or imported from a file, and --key names it for all tools.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/verify.sh"

make_key() { # DIR OPTION...
	local dir=$1
	shift
	provision --tpm --force --no-address --name "$dir" --ca ca --dir "$dir" "$@"
}
handles() { tpm2_getcap handles-persistent | tr -d '\n -'; }
# used_by_all DIR OPTION...: a session and a renewal
used_by_all() {
	local dir=$1
	shift
	good --dir "$dir" "$@"
	"$B/tools/blesec-connect" --dir "$dir" "$@" "unix:$T/link" \
		</dev/null >out
	grep -q '"secured"' out
	provision --csr --dir "$dir" "$@" >csr
	ca sign --dir ca <csr >cert
	provision --install --dir "$dir" "$@" <cert >/dev/null
}

start_tpm
umask 077
echo horse >auth
echo owner >owner
echo mouse >wrong
ca init --dir ca --name "Example CA"
provision --no-tpm --no-address --name sensor --ca ca --dir sensor >/dev/null
serve </dev/null

# usage
for option in --parent --persistent; do
	for value in 1 0x40000001 0x81800000 0x8100000g 81000001; do
		refused 2 "bad $option .$value.: a persistent handle" \
			make_key no "$option" "$value"
	done
done
refused 2 'cannot be the same handle' make_key no --persistent 0x81000001
refused 2 'cannot be used with --no-tpm' provision --no-tpm --csr --dir no \
	--persistent 0x81000002
refused 2 'excludes --force' make_key no --key handle:0x81000002
[ ! -e no ]

# the parent, made and found
make_key one --parent 0x81000007 >/dev/null
[ "$(handles)" = 0x81000007 ]
make_key two --parent 0x81000007 >/dev/null
[ "$(handles)" = 0x81000007 ]
used_by_all one
used_by_all two
# a parent with its own storage key, made by another program
tpm2_createprimary -Q -G rsa2048 -c primary
tpm2_evictcontrol -Q -c primary 0x81000008 2>/dev/null
tpm2_flushcontext -t
make_key three --parent 0x81000008 >/dev/null
used_by_all three
tpm2_evictcontrol -Q -c 0x81000008 2>/dev/null

# at a handle, without and with a password
make_key four --parent 0x81000007 --persistent 0x81000009 >/dev/null
[ "$(handles)" = 0x810000070x81000009 ]
mv four/key.pem kept.pem
used_by_all four --key handle:0x81000009
# where no key.pem is wanted, none is made beside the certificate
refused 3 'no key.pem: name its key with --key' provision --csr --dir four
refused 3 'no key.pem: name its key with --key' \
	provision --ca ca --name four --dir four
[ ! -e four/key.pem ] && [ ! -e four.next ]
provision --csr --dir four --key handle:0x81000009 >/dev/null
[ ! -e four/key.pem ]
refused 3 'has one already' provision --csr --dir one --persistent 0x8100000a
make_key five --parent 0x81000007 --persistent 0x8100000a --key-auth file:auth \
	>/dev/null
mv five/key.pem kept5.pem
used_by_all five --key handle:0x8100000a --key-auth file:auth
refused 3 'has a password' "$B/tools/blesec-connect" --dir five \
	--key handle:0x8100000a "unix:$T/link"
refused 3 'is not that of the key' "$B/tools/blesec-connect" --dir five \
	--key handle:0x8100000a --key-auth file:wrong "unix:$T/link"
refused 6 'handle:0x8100000f.*no key is at that handle' "$B/tools/blesec-connect" --dir five \
	--key handle:0x8100000f "unix:$T/link"
used_by_all one --key "file:$T/one/key.pem"
refused 3 'needs OpenSSL.s provider .pkcs11.' "$B/tools/blesec-connect" \
	--dir five --key 'pkcs11:object=key' "unix:$T/link"
# a CA that refuses to sign leaves nothing there
if provision --tpm --no-address --name four --ca ca --dir six --parent 0x81000007 \
	--persistent 0x8100000b >/dev/null 2>&1; then fail "it has signed"; fi
[ ! -e six ] && [ ! -e six.next ]
[[ $(handles) != *8100000b* ]]

# nor does a directory that has no room for a new key
mkdir -p seven/sub
refused 3 '`sub.' provision --tpm --csr --no-address --name seven --dir seven \
	--parent 0x81000007 --persistent 0x8100000b
[ ! -e seven/key.pem ] && [ ! -e seven.next ] && rmdir seven/sub
[[ $(handles) != *8100000b* ]] || fail "the key is left at its handle"

# under a parent that is not a storage key, or cannot be used as one
tpm2_createprimary -Q -G ecc -c signs \
	-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign'
tpm2_evictcontrol -Q -c signs 0x8100000c 2>/dev/null
tpm2_flushcontext -t
tpm2_createprimary -Q -G ecc -p secret -c locked
tpm2_evictcontrol -Q -c locked 0x8100000d 2>/dev/null
tpm2_flushcontext -t
tpm2_createek -Q -G ecc -c 0x81010001 -u ek.pub
tpm2_flushcontext -t
refused 6 '0x8100000c in the TPM is not a storage key: name another.*--parent' \
	make_key no --parent 0x8100000c
refused 6 'storage key at 0x8100000d has a password.*another.*--parent' \
	make_key no --parent 0x8100000d
tpm2_dictionarylockout -Q --clear-lockout
refused 6 '0x81010001 in the TPM has a policy.*another.*--parent' \
	make_key no --parent 0x81010001
for handle in 0x8100000c 0x8100000d 0x81010001; do
	tpm2_evictcontrol -Q -c "$handle" 2>/dev/null
done

# a --key that names no key
for key in handle: handle:foo handle:1 handle:0x handle:0x81000002x \
	handle:0x810000022; do
	refused 3 "bad key .$key.: a handle of the TPM is wanted, such as" \
		provision --csr --dir one --key "$key"
done
for key in foo:bar https://host/key data:x; do
	refused 3 "bad key .$key.: its scheme is not known; a file is wanted" \
		provision --csr --dir one --key "$key"
done
cp one/key.pem odd:name
provision --csr --dir one --key ./odd:name >/dev/null
refused 6 'handle:0x81000007.*perhaps a storage key.*name another' \
	provision --csr --dir one --key handle:0x81000007

# imported
for curve in P-256 P-384; do
	openssl genpkey -quiet -algorithm EC -pkeyopt "group:$curve" -out soft.pem
	cp soft.pem before.pem
	make_key "in$curve" --parent 0x81000007 --import soft.pem \
		>/dev/null 2>err
	[ "$(wc -l <err)" = 1 ]
	grep -q "also in .soft.pem.: destroy" err
	cmp soft.pem before.pem
	cmp <(openssl pkey -in soft.pem -pubout) \
		<(openssl x509 -in "in$curve/cert.pem" -noout -pubkey)
	bad 3 tpm 'TPM holds it.*made elsewhere.*fixedTPM fixedParent sensitiveDataOrigin' \
		--dir "in$curve"
	"$B/tools/blesec-connect" --dir "in$curve" "unix:$T/link" \
		</dev/null >out
	grep -q '"secured"' out
done
openssl pkey -in soft.pem -aes256 -passout file:auth -out sealed.pem
refused 3 'sealed.pem.*is encrypted; give its password with --key-auth' \
	make_key no --parent 0x81000007 --import sealed.pem
refused 3 'sealed.pem.*--key-auth is not its password' make_key no \
	--parent 0x81000007 --import sealed.pem --key-auth file:wrong
refused 3 'sealed.pem. has a password: give it with --key-auth' \
	provision --csr --dir one --key sealed.pem
refused 3 'one/key.pem.*is a key of a TPM already.*--key one/key.pem' \
	make_key no --parent 0x81000007 --import one/key.pem
refused 3 'auth. is not imported: it is not a PEM private key' \
	make_key no --parent 0x81000007 --import auth
make_key sealed --parent 0x81000007 --import sealed.pem --key-auth file:auth \
	>/dev/null 2>&1
# a file that others can read
openssl genpkey -quiet -algorithm EC -pkeyopt group:P-256 -out open.pem
chmod 644 open.pem
make_key open --parent 0x81000007 --import open.pem >/dev/null 2>err
[ "$(wc -l <err)" = 2 ]
grep -q 'warning: .open.pem. is open to others (mode 0644): .*know the key' err ||
	fail "it says $(cat err)"
"$B/tools/blesec-connect" --dir sealed --key-auth file:auth "unix:$T/link" \
	</dev/null >out
grep -q '"secured"' out
openssl genpkey -quiet -algorithm EC -pkeyopt group:P-521 -out soft.pem
refused 3 'not an EC key on P-256' make_key no --parent 0x81000007 \
	--import soft.pem
refused 3 'none.pem' make_key no --parent 0x81000007 --import none.pem
refused 3 'has one already' provision --csr --dir one --import before.pem
[ ! -e no ] && [ ! -e no.next ]

# the owner's password: needed for persistent keys and not for their children
tpm2_changeauth -Q -c owner owner
make_key seven --parent 0x81000007 >/dev/null
used_by_all seven
refused 3 'its owner has a password.*--owner-auth' make_key no
refused 3 'its owner has another password' make_key no --owner-auth file:wrong
refused 3 'its owner has a password' make_key no --parent 0x81000007 \
	--persistent 0x8100000b
[ ! -e no ] && [ ! -e no.next ]
[[ $(handles) != *8100000b* ]]
make_key eight --owner-auth file:owner --persistent 0x8100000b >/dev/null
[[ $(handles) == *81000001* ]]
used_by_all eight --key handle:0x8100000b
[ -z "$(tpm2_getcap handles-transient)" ] || fail "left in the TPM"
stop_serve
cut_power
