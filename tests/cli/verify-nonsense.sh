#!/usr/bin/env bash
# Files that are not certificates, directories that are not identities, invalid
# options: the exit status of the manual, one line, nothing on stdout, and
# nothing hangs.
# takes: 20 s
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/pki.sh"
. "$S/tests/lib/verify.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
identities
cert=$T/phone/cert.pem ca=$T/ca/cacert.pem
: >empty
head -c 1048576 /dev/urandom >noise
head -c 1048576 /dev/zero >zeros
printf 'not a certificate%.0s\n' {1..58000} >text
openssl x509 -in "$cert" -outform DER -out der
head -c 200 "$cert" >half
sed 's/^MII/NII/' "$cert" >damaged
{ echo -----BEGIN CERTIFICATE-----; head -c 786432 /dev/zero | base64
	echo -----END CERTIFICATE-----; } >nothing-inside
mkfifo fifo
mkdir dir
ln -s nowhere link
for file in empty noise zeros text der half damaged nothing-inside \
	phone/key.pem fifo dir link nobody /dev/null /dev/zero phone; do
	refused 3 "$file" timeout 20 "$B/tools/blesec-verify" --ca "$ca" "$file"
	refused 3 "$file" timeout 20 "$B/tools/blesec-verify" --csr "$file"
	[ "$file" = phone ] || [ "$file" = dir ] ||
		refused 3 "$file" timeout 20 "$B/tools/blesec-verify" \
			--ca "$file" "$cert"
	refused 3 "$file" timeout 20 "$B/tools/blesec-verify" --ca "$ca" \
		--crl "$file" "$cert"
	rm -rf bad
	cp -a phone bad
	rm bad/cert.pem
	cp -a "$file" bad/cert.pem 2>/dev/null || continue
	[ ! -d bad/cert.pem ] || continue
	refused 3 bad/cert.pem timeout 20 "$B/tools/blesec-verify" --dir bad
done
# a megabyte in front of a certificate, and one of certificates
cat text "$cert" >late
good --ca "$ca" late
for ((n = 0; n < 1500; n++)); do cat "$cert"; done >many
bad 4 'name size' 'more than 4' --ca "$ca" many
refused 3 'stdin' verify --ca "$ca" - </dev/null
refused 3 'nowhere' verify --dir nowhere
refused 3 'not a directory' verify --dir empty
refused 3 'bad/ca.pem.*--ca' verify --dir bad --ca bad/ca.pem.not
rm -rf bad; cp -a phone bad; rm bad/ca.pem
refused 3 'no CA: .bad/ca.pem.*--ca' verify --dir bad
refused 3 'cacert.pem' verify --ca dir "$cert"
# what is in the key's place
for file in empty noise der fifo dir link "$cert"; do
	rm -rf bad
	cp -a phone bad
	rm bad/key.pem
	cp -a "$file" bad/key.pem
	chmod 600 bad/key.pem 2>/dev/null || :
	status=0
	timeout 20 "$B/tools/blesec-verify" --dir bad >out.json 2>err || status=$?
	[ "$status" = 3 ] || fail "$file as key.pem: status $status"
	[[ $(failed_checks out.json) =~ ^(key|modes)$ ]] || fail "$file as key.pem"
done
# a name of any octets is still JSON
cp "$cert" $'\xff\xfe "x"\n.pem'
good --ca "$ca" $'\xff\xfe "x"\n.pem'
# stdout that nobody can write to
expect 1 verify --ca "$ca" "$cert" >/dev/full 2>err
grep -q 'cannot write to stdout' err

usage() { # REGEX ARGUMENT...
	local regex=$1 status=0
	shift
	verify "$@" >out 2>err || status=$?
	[ "$status" = 2 ] || fail "status $status: $*"
	grep -Eq -- "$regex" err || fail "no $regex: $(cat err)"
	[ ! -s out ] || fail "on stdout: $*"
}
usage frob --frob
usage "'z'" -z
usage 'requires an argument' --dir
for value in '' king Both; do usage "bad --role .$value'" --role "$value" x; done
for value in '' x sha256//x; do usage "bad --pin .$value'" --pin "$value" x; done
usage "bad --name .'" --name '' x
for value in '' x hci0 00:11:22:33:44 name:a 00:11:22:33:44:55,random; do
	usage "\`$value'" --address "$value" x
done
for value in '' -1 x 1x 99999; do
	usage "\`$value'" --warn-days "$value" x
	usage "\`$value'" --min-days "$value" x
done
usage 'unexpected argument' --csr a b
usage '--tpm' --tpm x
expect 0 verify --help >out
grep -q '^usage: blesec-verify' out
expect 0 verify --version >out
grep -q '^blesec [0-9]' out
