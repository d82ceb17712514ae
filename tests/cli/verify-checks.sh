#!/usr/bin/env bash
# Each check of blesec-verify by its name: what it refuses, with which reason
# and status, and that no other check fails with it where it can stand alone.
# takes: 20 s
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/pki.sh"
. "$S/tests/lib/verify.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
pki_ca "$T/ca"
pki_ca "$T/other" "Other CA"
make() { pki_identity "$T/$1" "$T/ca" "${@:2}"; }
make one san=DNS:one,URI:urn:bdaddr:00-AA-01-01-00-01
cert=one/cert.pem

# what is printed
good --dir one
pin=$(pki_pin "$cert")
jq -e --arg pin "$pin" '.subject == "one" and .name == "one" and .pin == $pin and
	.serial == $serial and .not_after == $until and (.days_left - 364.5 | fabs) < 1 and
	.warnings == [] and ([.checks[].check] | unique | length) == 17' \
	--arg serial "$(openssl x509 -in "$cert" -noout -serial | cut -d= -f2)" \
	--arg until "$(date -u -d "$(openssl x509 -in "$cert" -noout -enddate |
		cut -d= -f2)" +%Y-%m-%dT%H:%M:%SZ)" out.json >/dev/null ||
	fail "$(cat out.json)"
hash=$(openssl x509 -in "$cert" -noout -pubkey |
	openssl pkey -pubin -outform DER | sha256sum | cut -d' ' -f1)
[ "$(jq -r .tlsa out.json)" = "3 1 1 $hash" ] || fail "not the tlsa"
BLESEC_DIR=one good
BLESEC_DIR=one good "$cert" one/cert.pem
[ "$(wc -l <out.json)" = 2 ] || fail "not one line for each"
good --ca ca/cacert.pem - <"$cert"
good -v --ca ca/cacert.pem "$cert"
jq -r '.chain[0]' out.json | base64 -d |
	cmp - <(openssl x509 -in "$cert" -outform DER) || fail "not its chain"
good --dir one --role central --name 'o*' --address 00:aa:01:01:00:01 \
	--pin "$pin" --min-days 300
verify --text --dir one >text
grep -qx 'one: good' text
grep -Eq '^  pin +sha256//' text
# the worst verdict of several decides the status
expect 3 verify --ca ca/cacert.pem --name x "$cert" nowhere >out.json 2>err
[ "$(wc -l <out.json)" = 1 ] || fail "no verdict on what can be read"

# form
make large pad=1900; bad 4 size 'larger than 2048' --dir large
cat one/cert.pem{,,,,} >five.pem
bad 4 'name size' 'more than 4' --ca ca/cacert.pem five.pem
openssl x509 -req -in one/csr.pem -CA ca/cacert.pem -CAkey ca/cakey.pem \
	-CAcreateserial -out v1.pem 2>/dev/null
bad 4 'extended_key_usage key_usage version' 'version 3' --ca ca/cacert.pem v1.pem
for key in p521 secp256k1 rsa ed25519 explicit; do
	make "$key" key="$key"
	verify --ca ca/cacert.pem "$key/cert.pem" >out.json || :
	[[ $(failed_checks out.json) =~ ^(chain )?curve( |$) ]] ||
		fail "$key: $(failed_checks out.json)"
done
make sha1 digest=sha1
bad 4 'chain signature_algorithm' 'ECDSA and SHA-2' --ca ca/cacert.pem sha1/cert.pem
# use
bad 4 'basic_constraints chain extended_key_usage key_usage name' 'that of a CA' \
	--ca ca/cacert.pem ca/cacert.pem
make subca basic=CA:TRUE ku=keyCertSign,digitalSignature
bad 4 basic_constraints 'that of a CA' --dir subca
make enc ku=keyEncipherment,keyAgreement
bad 4 key_usage 'lacks digitalSignature' --dir enc
make codes eku=codeSigning
bad 4 'chain extended_key_usage' 'neither clientAuth' --dir codes
make server eku=serverAuth
good --dir server
good --dir server --role peripheral
bad 4 'chain extended_key_usage' 'lacks clientAuth' --dir server --role central
make client eku=clientAuth
good --dir client
bad 4 'chain extended_key_usage' 'lacks serverAuth' --dir client --role peripheral

# chain and dates
bad 4 chain 'not one of those in ca.pem' --ca other/cacert.pem "$cert"
pki_ca "$T/twin"
bad 4 chain 'not one|signature' --ca twin/cacert.pem "$cert"
make late from=20200101000000Z to=20210101000000Z
bad 4 dates 'valid until 2021-01-01T00:00:00Z; the clock here' --dir late
jq -e '.days_left < -1000' out.json >/dev/null
make early from=20980101000000Z to=20990101000000Z
bad 4 dates 'not valid before 2098' --dir early
# both faults are reported, though the handshake stops at the first
bad 4 'chain dates' 'valid until 2021' --ca other/cacert.pem late/cert.pem
make soon to="$(date -u -d '9 days 12 hours' +%Y%m%d%H%M%SZ)"
good --dir soon
jq -e '.warnings[0] | test("only 9 days")' out.json >/dev/null || fail "no warning"
good --dir soon --warn-days 5 --min-days 9
jq -e '.warnings == []' out.json >/dev/null || fail "a warning"
bad 4 dates '9 days only, and 11 are' --dir soon --min-days 11

# CRLs
pki_crl "$T/good.crl" "$T/ca"
pki_crl "$T/revoked.crl" "$T/ca" one/cert.pem
pki_crl "$T/stale.crl" "$T/ca" from=20200101000000Z to=20210101000000Z
pki_crl "$T/foreign.crl" "$T/other"
pki_crl "$T/twin.crl" "$T/twin"
good --dir one --crl good.crl
bad 4 crl 'one.* was revoked 20.*keyCompromise' --dir one --crl revoked.crl
bad 4 crl 'replaced before 2021' --dir one --crl stale.crl
pki_crl "$T/ends.crl" "$T/ca" from=20200101000000Z \
	"to=$(date -u -d '1 hour' +%Y%m%d%H%M%SZ)"
good --dir one --crl ends.crl
pki_ca "$T/fresh" "Fresh CA"
pki_crl "$T/fresh.crl" "$T/fresh" \
	"from=$(date -u -d '10 minutes ago' +%Y%m%d%H%M%SZ)" \
	"to=$(date -u -d '30 minutes' +%Y%m%d%H%M%SZ)"
# a CRL with more of its lifetime left gives no warning
cat fresh.crl >>ends.crl
cat ca/cacert.pem fresh/cacert.pem >both.pem
good --dir one --ca both.pem --crl ends.crl
jq -e '.warnings[0] | startswith("a CRL is to be replaced before")' out.json \
	>/dev/null || fail "$(cat out.json)"
bad 4 crl 'Other CA.*not signed by' --dir one --crl foreign.crl
bad 4 crl 'Test CA.*not signed by' --dir one --crl twin.crl
cp revoked.crl one/crl.pem
bad 4 crl 'was revoked' --dir one
BLESEC_DIR=one good --ca ca/cacert.pem "$cert"
BLESEC_DIR=one bad 4 crl 'was revoked' "$cert"
rm one/crl.pem
refused 3 'nowhere' verify --dir one --crl nowhere
refused 3 'holds no PEM CRL' verify --dir one --crl "$cert"

# names and pins
bad 4 name "its name is .one., not .two." --dir one --name two
good --dir one --name two --name one
bad 4 address 'no certificate for the address 00:AA:01:01:00:02' --dir one \
	--address 00:AA:01:01:00:02
bad 4 pin "its pin is sha256.*, not the one given" --dir one \
	--pin sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
make nameless san=IP:10.0.0.1
bad 4 name 'names no device' --dir nameless

# the CA's directory
ca init --dir real --name "Real CA"
new() { provision --force --no-tpm --no-address --name "$1" --ca real --dir "$2" >/dev/null; }
new a a1
good --ca real a1/cert.pem
new a a2
bad 4 index 'the name .a. to another key' --ca real a1/cert.pem
provision --dir a2 --csr >a2.csr
bad 4 index 'another key' --ca real --csr a2.csr
(cd real && openssl ca -config openssl.cnf -revoke ../a1/cert.pem 2>/dev/null)
bad 4 index 'index.txt says that it is revoked' --ca real a1/cert.pem
good --ca real a2/cert.pem
# a renewal is still the same device
provision --dir a2 --csr | ca sign --dir real | provision --dir a2 --install >/dev/null
good --ca real a2/cert.pem
(cd real && openssl ca -config openssl.cnf -gencrl -out crl.pem 2>/dev/null)
good --ca real a2/cert.pem
bad 4 'crl index' 'was revoked' --ca real a1/cert.pem
echo garbage >>real/index.txt
bad 4 index 'damaged' --ca real a2/cert.pem

# requests
provision --dir new --no-tpm --no-address --name n --csr >n.csr
good --csr n.csr
good --csr - <n.csr
jq -e '.name == "n" and .not_after == null and .serial == null' out.json >/dev/null
bad 4 name 'not .x.' --csr n.csr --name x
pki_tamper req n.csr forged.csr 3
bad 4 signature 'not signed by the key' --csr forged.csr
openssl req -new -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=n -out rsa.csr \
	2>/dev/null
bad 4 'curve signature_algorithm' 'P-256' --csr rsa.csr

# the key, and who else can read it
cp one/key.pem kept.pem
cp server/key.pem one/key.pem
bad 3 key 'not that of the certificate' --dir one
make p384 key=p384
good --dir p384
cp p384/key.pem one/key.pem
bad 3 key 'not that of the certificate' --dir one
rm one/key.pem
bad 3 modes 'key.pem.*No such file' --dir one
cp kept.pem one/key.pem
for mode in 640 604 644 660; do
	chmod "$mode" one/key.pem
	bad 3 modes "key.pem.*open to others .mode 0$mode.*chmod 600" --dir one
	jq -e '.checks[] | select(.check == "key").ok == null' out.json >/dev/null
done
chmod 600 one/key.pem
for file in cert.pem ca.pem; do
	chmod 666 "one/$file"
	bad 3 modes "others may write to .*$file.*chmod go-w" --dir one
	chmod 644 "one/$file"
done
chmod 777 one
bad 3 modes 'others may write to' --dir one
chmod 755 one
if [ "$(id -u)" = 0 ]; then
	chown 12345 one/key.pem
	bad 3 modes 'key.pem.* belongs to user 12345' --dir one
	chown 0 one/key.pem
fi
good --dir one
bad 3 tpm 'in a file' --dir one --tpm
