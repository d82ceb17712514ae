#!/usr/bin/env bash
# The CA is renewed, with a new key and with the same one: a root, an
# intermediate, and the root above it. A device with the old ca.pem and one
# with the new ca.pem can talk, whichever has which certificate, until
# --finish. OpenSSL (strict, with CRLs) and GnuTLS agree.
# takes: 40 s
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

device() { # device NAME CA
	provision --no-tpm --no-address --name "$1" --ca "$2" --dir "$1" \
		>/dev/null
}
# renewed NAME CA: a certificate for the same key, and the CA's ca.pem
renewed() {
	provision --dir "$1" --csr --name "$1" --no-address |
		ca sign --dir "$2" |
		provision --dir "$1" --install --ca "$2" >/dev/null
}
# a new certificate only; its ca.pem stays
certified() {
	provision --dir "$1" --csr --name "$1" --no-address |
		ca sign --dir "$2" | provision --dir "$1" --install >/dev/null
}
# talk SERVER CLIENT: a session that delivers a line
talk() {
	local status=0
	rm -f link
	"$B/tools/blesec-serve" --dir "$1" --count 1 "unix:$T/link" \
		<&8 >serve.json 2>serve.err &
	server=$!
	await 10 test -S link
	"$B/tools/blesec-connect" --dir "$2" "unix:$T/link" <<<'"up"' \
		>connect.json 2>connect.err || status=$?
	[ "$status" != 0 ] || await 10 grep -q '"up"' serve.json
	kill "$server" 2>/dev/null || :
	wait "$server" || :
	server=
	[ "$status" = 0 ] || return "$status"
	grep -q '"secured"' connect.json
}
talks() {
	talk "$1" "$2" || fail "$1 and $2: $(cat connect.err serve.err)"
	talk "$2" "$1" || fail "$2 and $1: $(cat connect.err serve.err)"
}
estranged() {
	if talk "$1" "$2"; then fail "$1 and $2 talk"; fi
	if talk "$2" "$1"; then fail "$2 and $1 talk"; fi
}
certificates() { grep -c BEGIN "$1"; }
# trusted CA-FILE CRL CHAIN...
trusted() {
	local anchors=$1 crl=$2 chain said
	shift 2
	for chain; do
		said=$(openssl verify -crl_check_all -x509_strict -CRLfile "$crl" \
			-CAfile "$anchors" -untrusted "$chain" "$chain" 2>&1) ||
			fail "OpenSSL, $anchors, $chain: $said"
		said=$(certtool --verify --load-ca-certificate "$anchors" \
			--load-crl "$crl" <"$chain" 2>&1) ||
			fail "GnuTLS, $anchors, $chain: $said"
	done
}
distrusted() {
	local status=0
	(HARNESS_STDERR=2; trusted "$@") 2>/dev/null || status=$?
	[ "$status" != 0 ] || fail "trusted: $*"
}

# a root
ca init --dir ca --name "Example CA"
device old ca
device other ca
ca crl --dir ca >/dev/null
cp ca/cacert.pem first.pem
refused 3 'no renewal is under way' ca renew --dir ca --finish
ca renew --dir ca
[ "$(stat -c %a ca/cakey.pem ca/previous/cakey.pem | sort -u)" = 600 ]
[ "$(certificates ca/ca.pem)" = 2 ]
[ "$(certificates ca/crl.pem)" = 2 ]
refused 3 'under way.*--finish' ca renew --dir ca
device new ca
[ "$(certificates new/cert.pem)" = 2 ]
[ "$(certificates new/ca.pem)" = 2 ]
certified other ca
[ "$(certificates other/ca.pem)" = 1 ]
openssl verify -CAfile ca/cacert.pem new/cert.pem >/dev/null
talks old new
talks old other
talks new other
for anchors in first.pem ca/ca.pem; do
	trusted "$anchors" ca/crl.pem old/cert.pem new/cert.pem other/cert.pem
done
trusted ca/cacert.pem ca/crl.pem new/cert.pem
# the old CA's list revokes it too
device lost ca
ca revoke --dir ca lost
for anchors in first.pem ca/ca.pem ca/cacert.pem; do
	distrusted "$anchors" ca/crl.pem lost/cert.pem
done
# the old CA is dropped when nobody needs it
refused 3 'have no certificate of the new CA.*`old' ca renew --dir ca --finish
renewed old ca
ca renew --dir ca --finish
cmp ca/ca.pem ca/cacert.pem
[ ! -e ca/previous ]
[ "$(certificates ca/crl.pem)" = 1 ]
refused 3 'no renewal is under way' ca renew --dir ca --finish
device late ca
[ "$(certificates late/cert.pem)" = 1 ]
talks late new
talks late old
estranged late other
renewed other ca
talks late other
ca renew --dir ca
ca renew --dir ca --finish --force

# only the dates change
ca init --dir dates --name "Dates CA" --days 10
device one dates
cp dates/cakey.pem key
ca renew --dir dates --same-key --days 100
cmp dates/cakey.pem key
cmp dates/ca.pem dates/cacert.pem
openssl x509 -in dates/ca.pem -noout -checkend $((99 * 86400)) >/dev/null
device two dates
[ "$(certificates two/cert.pem)" = 1 ]
talks one two
ca crl --dir dates >/dev/null
trusted one/ca.pem dates/crl.pem one/cert.pem two/cert.pem
trusted two/ca.pem dates/crl.pem one/cert.pem two/cert.pem

# an intermediate: ca.pem stays the same, the chain does not
ca init --dir int --name "Example Root" --intermediate "Example Leafs"
[ "$(openssl x509 -in int/ca.pem -noout -subject -nameopt RFC2253)" = 'subject=CN=Example Root' ]
device leaf int
[ "$(certificates leaf/cert.pem)" = 2 ]
[ "$(openssl x509 -in leaf/cert.pem -noout -issuer -nameopt RFC2253)" = 'issuer=CN=Example Leafs' ]
device peer int
talks leaf peer
ca crl --dir int >/dev/null
[ "$(certificates int/crl.pem)" = 2 ]
trusted int/ca.pem int/crl.pem leaf/cert.pem
# the root's key is off-line: everything works except what it must sign
mv int/root/cakey.pem offline
device third int
ca revoke --dir int third
[ "$(certificates int/crl.pem)" = 2 ]
distrusted int/ca.pem int/crl.pem third/cert.pem
trusted int/ca.pem int/crl.pem leaf/cert.pem
refused 3 'bring back .int/root/cakey.pem' ca renew --dir int
refused 3 'bring back .int/root/cakey.pem' ca renew --dir int --root
mv offline int/root/cakey.pem
cp int/ca.pem root.pem
ca renew --dir int
cmp int/ca.pem root.pem
device fourth int
[ "$(certificates fourth/cert.pem)" = 2 ]
talks fourth leaf
trusted root.pem int/crl.pem leaf/cert.pem fourth/cert.pem
ca renew --dir int --finish --force
cmp int/ca.pem root.pem
talks fourth leaf
# the root above it
ca renew --dir int --root
[ "$(certificates int/ca.pem)" = 2 ]
device fifth int
[ "$(certificates fifth/cert.pem)" = 3 ]
talks fifth leaf
for anchors in root.pem int/ca.pem; do
	trusted "$anchors" int/crl.pem fourth/cert.pem fifth/cert.pem
done
refused 3 'have no certificate of the new CA' ca renew --dir int --root --finish
for name in leaf peer fourth; do renewed "$name" int; done
ca renew --dir int --root --finish
[ "$(certificates int/ca.pem)" = 1 ]
device sixth int
[ "$(certificates sixth/cert.pem)" = 2 ]
talks sixth leaf
talks sixth fourth
# fifth's chain contains both paths
talks sixth fifth
trusted int/ca.pem int/crl.pem leaf/cert.pem fifth/cert.pem sixth/cert.pem
refused 3 'is a root itself' ca renew --dir ca --root
ca renew --dir int --root --same-key
ca renew --dir int --same-key
device seventh int
talks seventh leaf
# a revoked intermediate
ca revoke --dir int/root "Example Leafs"
ca crl --dir int >/dev/null
distrusted int/ca.pem int/crl.pem sixth/cert.pem
refused 2 'root.s name' ca init --dir x --name A --intermediate A
refused 2 'name is wanted' ca init --dir x --name A --intermediate ''
[ ! -e x ]
