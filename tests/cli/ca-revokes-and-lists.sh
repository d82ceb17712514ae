#!/usr/bin/env bash
# revoke by name, serial number and pin; OpenSSL (strict) and GnuTLS read
# crl.pem; list prints JSON Lines; openssl ca carries on after blesec-ca, and
# the other way round.
# build: any
# takes: 20 s
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/pki.sh"

new_key() { openssl ecparam -name "${2-P-256}" -genkey -noout -out "$1.key"; }
request() { # request KEY [SAN]
	openssl req -new -key "$1.key" -subj /CN=x \
		-addext "subjectAltName=${2-URI:urn:bdaddr:00-AA-01-01-00-02}"
}
serial() { # serial CERT
	local s
	s=$(openssl x509 -in "$1" -noout -serial)
	printf '%s\n' "${s#*=}"
}
field() { ca list --dir "${3-ca}" | jq -r "select(.name == \"$1\").$2"; }
accepted() { # accepted CERT
	openssl verify -crl_check_all -x509_strict -CRLfile ca/crl.pem \
		-CAfile ca/ca.pem "$1" >/dev/null 2>&1 &&
		certtool --verify --load-ca-certificate ca/ca.pem \
			--load-crl ca/crl.pem <"$1" >/dev/null 2>&1
}
rejected() { # rejected CERT: by both, and because of the list
	local said
	said=$(openssl verify -crl_check_all -x509_strict -CRLfile ca/crl.pem \
		-CAfile ca/ca.pem "$1" 2>&1) && fail "OpenSSL accepts $1"
	[[ $said == *'certificate revoked'* ]] || fail "OpenSSL says $said"
	said=$(certtool --verify --load-ca-certificate ca/ca.pem \
		--load-crl ca/crl.pem <"$1" 2>&1) && fail "GnuTLS accepts $1"
	[[ $said == *revoked* ]] || fail "GnuTLS says $said"
}
number() {
	local n
	n=$(openssl crl -in ca/crl.pem -noout -crlnumber)
	printf '%d\n' "${n#*=}"
}

ca init --dir ca --name "Example CA"
cmp ca/ca.pem ca/cacert.pem
for k in a b c d e; do
	new_key "$k"
	request "$k" | ca sign --dir ca --name "$k" >"$k.pem"
done

# an empty list, printed and kept, valid for 30 days
ca crl --dir ca >printed
cmp printed ca/crl.pem
openssl crl -in ca/crl.pem -CAfile ca/ca.pem -noout 2>/dev/null
[ "$(stat -c %a ca/crl.pem)" = 644 ]
[ "$(stat -c %a ca/cakey.pem)" = 600 ]
next=$(openssl crl -in ca/crl.pem -noout -nextupdate)
days=$((($(date -d "${next#*=}" +%s) - $(date +%s) + 60) / 86400))
[ "$days" = 30 ] || fail "$days days"
ca crl --dir ca --days 7 >/dev/null
next=$(openssl crl -in ca/crl.pem -noout -nextupdate)
days=$((($(date -d "${next#*=}" +%s) - $(date +%s) + 60) / 86400))
[ "$days" = 7 ] || fail "$days days"
accepted a.pem || fail "not accepted"

# by name: the list is new at once, with a higher number
before=$(number)
ca revoke --dir ca a >said 2>err
[ ! -s said ] || fail "on stdout: $(cat said)"
[ "$(cat err)" = "blesec-ca: revoked 1 of \`a' (unspecified), serial number $(serial a.pem); take \`ca/crl.pem' to the devices, each as its crl.pem" ] ||
	fail "it says $(cat err)"
[ "$(number)" -gt "$before" ]
rejected a.pem
accepted b.pem || fail "another is revoked, too"
[ "$(field a status)" = revoked ]
[ "$(field a reason)" = null ]
[[ $(field a revoked_at) =~ ^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$ ]]
# by serial number, in lower case, with a reason
s=$(serial b.pem)
ca revoke --dir ca "${s,,}" --reason keyCompromise
rejected b.pem
[ "$(field b reason)" = keyCompromise ]
[[ $(openssl crl -in ca/crl.pem -noout -text) == *'Key Compromise'* ]]
# by pin
ca revoke --dir ca --reason=unspecified "$(pki_pin c.pem)"
rejected c.pem
[ "$(field c reason)" = null ]
accepted d.pem || fail "d is revoked, too"
# the same once more: only the list changes
cp ca/index.txt index
before=$(number)
echo http://ca.example/crl.pem >ca/crl-url
ca revoke --dir ca b --reason superseded 2>err
rm ca/crl-url
[ "$(cat err)" = "blesec-ca: \`b' was revoked already; put \`ca/crl.pem' where devices fetch it, http://ca.example/crl.pem" ] ||
	fail "it says $(cat err)"
cmp ca/index.txt index
[ "$(number)" -gt "$before" ]
# all certificates with a name
request d | ca sign --dir ca --name d >d2.pem
ca revoke --dir ca d 2>err
grep -q "revoked 2 of .d' .*$(serial d.pem)" err || fail "it says $(cat err)"
rejected d.pem
rejected d2.pem

# no match, and an ambiguous one
refused 3 '`nobody'"'" ca revoke --dir ca nobody
refused 3 '`4B00000000000000'"'" ca revoke --dir ca 4B00000000000000
pin=sha256//$(printf 'A%.0s' {1..43})=
refused 3 "$pin" ca revoke --dir ca "$pin"
refused 2 'bad pin `sha256//x' ca revoke --dir ca sha256//x
refused 2 'bad --reason `hold.*keyCompromise' ca revoke --dir ca e --reason hold
refused 2 'a name, a serial number or a pin is wanted' ca revoke --dir ca
refused 2 'f' ca revoke --dir ca e f
refused 2 '--finish' ca revoke --dir ca e --finish
refused 3 'CA itself.*renew' ca revoke --dir ca "$(serial ca/cacert.pem)"

s=$(serial e.pem)
new_key f
request f | ca sign --dir ca --name "$s" >f.pem
refused 3 "ambiguous.*serial:$s" ca revoke --dir ca "$s"
ca revoke --dir ca "name:$s"
rejected f.pem
accepted e.pem || fail "the wrong one of two"
ca revoke --dir ca "serial:$s"
rejected e.pem

# a name belongs to its key until that key is revoked
new_key g
request g | ca sign --dir ca --name g >g.pem
request g | ca sign --dir ca --name g >g2.pem
new_key h P-384
sign() { request h "$@" | ca sign --dir ca --name g; }
refused 3 '`g.*another key.*--force' sign
request h | ca sign --dir ca --name g --force >h.pem
accepted g.pem || fail "--force revokes"
accepted h.pem || fail "--force signs nothing"
request g | ca sign --dir ca --name g >g3.pem
ca revoke --dir ca g
request h URI:urn:bdaddr:00-aa-01-01-00-01 | ca sign --dir ca --name g >h2.pem
accepted h2.pem || fail "after a revocation"

# list: every field and every filter
ca list --dir ca --valid | jq -e -s 'map(.name) == ["Example CA", "g"]' >/dev/null
ca list --dir ca --valid | jq -s 'last' >one
[ "$(jq -r .serial one)" = "$(serial h2.pem)" ]
[ "$(jq -r .pin one)" = "$(pki_pin h2.pem)" ] || fail "pin of P-384"
[ "$(field a pin)" = "$(pki_pin a.pem)" ] || fail "pin of P-256"
[ "$(jq -c .addresses one)" = '["00:AA:01:01:00:01"]' ]
openssl x509 -in "ca/$(jq -r .file one)" -noout
[ "$(date -d "$(jq -r .not_before one)" +%s)" = "$(date -d \
	"$(openssl x509 -in h2.pem -noout -startdate | cut -d= -f2)" +%s)" ]
[ "$(date -d "$(jq -r .not_after one)" +%s)" = "$(date -d \
	"$(openssl x509 -in h2.pem -noout -enddate | cut -d= -f2)" +%s)" ]
[ -z "$(ca list --dir ca --expired)" ]
[ "$(ca list --dir ca --revoked | jq -r .status | sort -u)" = revoked ]
[ "$(ca list --dir ca --revoked --valid | wc -l)" = \
	"$(ca list --dir ca | wc -l)" ]

# openssl revokes and makes a list, and our next list continues from it
(
	cd ca
	openssl ca -config openssl.cnf -revoke ../h2.pem -crl_reason superseded
	openssl ca -config openssl.cnf -gencrl -out crl.pem
) 2>log || fail "openssl ca: $(cat log)"
rejected h2.pem
before=$(number)
ca crl --dir ca >/dev/null
[ "$(number)" -gt "$before" ]
rejected h2.pem
[ "$(field g reason | tail -n 1)" = superseded ]
# even if the CRL number was lost
rm ca/crlnumber
before=$(number)
ca crl --dir ca >/dev/null
[ "$(number)" -gt "$before" ]

# a key that was revoked for compromise cannot come back
new_key taken
request taken >taken.csr
ca sign --dir ca --name taken <taken.csr >/dev/null
ca revoke --dir ca taken --reason superseded
ca sign --dir ca --name taken <taken.csr >/dev/null
ca revoke --dir ca taken --reason keyCompromise
for name in taken other; do
	sign_taken() { ca sign --dir ca --name "$name" <taken.csr; }
	refused 3 'was revoked for keyCompromise' sign_taken
done
ca sign --dir ca --name taken --force <taken.csr >/dev/null

# names as openssl makes them, missing or broken certificates, dates in other
# centuries
ca init --dir odd --name 'Kä CA'
{
	printf 'E\t200101000000Z\t\t01\tunknown\t/CN=old\n'
	printf 'V\t200101000000Z\t\t0102\tunknown\t/CN=a "b" \\c\n'
	printf 'V\t21000101000000Z\t\t03\tunknown\t/CN=\\xE4\\x0A\n'
	printf 'R\t991231000000Z\t981231000000Z,keyTime,20200101000000Z\t04\tunknown\t/CN=r\n'
} >>odd/index.txt
printf '%s\n' '-----BEGIN CERTIFICATE-----' AAAA \
	'-----END CERTIFICATE-----' >odd/certs/03.pem
ca list --dir odd 2>err | jq -cs '.[1:] | map([.name, .status, .not_after])' >out
diff out - <<-'END'
	[["old","expired","2020-01-01T00:00:00Z"],["a \"b\" \\c","expired","2020-01-01T00:00:00Z"],["ä\n","valid","2100-01-01T00:00:00Z"],["r","revoked","1999-12-31T00:00:00Z"]]
END
grep -q 'certs/03.pem' err
