#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# With a crl.pem, a revoked peer is refused with certificate_revoked, and so is
# a peer of a revoked CA; a CA without its CRL is not trusted. A crl.pem that
# is stale, of another CA or garbage is reported at the start, and no peer is
# accepted.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

# refused_at_start REGEX: both tools refuse to start, with status 3
refused_at_start()
{
	local tool status
	for tool in "serve --dir $T/peripheral" "connect --dir $T/central"; do
		status=0
		# shellcheck disable=SC2086 # of words
		timeout 10 "$B/tools/blesec-"$tool "unix:$T/nobody" \
			>"$T/start.out" 2>"$T/start.err" || status=$?
		[ "$status" = 3 ] || fail "$tool: status $status, not 3"
		grep -Eq -- "$1" "$T/start.err" || fail "$tool: no '$1'"
		grep -q 'remove' "$T/start.err" || grep -Eq 'wanted|holds no|cannot open' \
			"$T/start.err" || fail "$tool: no way out"
	done
}

# everywhere FILE: install it as crl.pem of both tools
everywhere()
{
	cp "$1" "$T/central/crl.pem"
	cp "$1" "$T/peripheral/crl.pem"
}

# sub NAME CA: make a CA below CA, and its leaf NAME-leaf with the chain
sub()
{
	pki_identity "$T/$1" "$T/$2" basic=CA:TRUE ku=keyCertSign,cRLSign eku= ski=hash \
		san= || fail "cannot make $1"
	cp "$T/$1/cert.pem" "$T/$1/cacert.pem"
	cp "$T/$1/key.pem" "$T/$1/cakey.pem"
	identity "$1-leaf" "$1" trust="$T/ca"
	cp "$T/$1/cert.pem" "$T/$1-leaf/chain.pem"
}

pki_ca "$T/other" "Other CA"
identity bad ca
sub lower ca
sub late ca

# a good CRL changes nothing
pki_crl "$T/good.crl" "$T/ca"
everywhere "$T/good.crl"
serve peripheral
good_peer_is_served
"$B/tools/blesec-connect" --dir "$T/central" --wait 1 "unix:$T/serve" </dev/null \
	>"$T/connect.out" 2>"$T/connect.err" || fail "a good one is refused"
# below a CA without a CRL; the fault is on our side
central_is_refused lower-leaf 80
serve_ends_well

# a revoked peer, and a revoked CA
pki_crl "$T/revoked.crl" "$T/ca" "$T/bad/cert.pem" "$T/lower/cert.pem"
pki_crl "$T/lower.crl" "$T/lower"
pki_crl "$T/late.crl" "$T/late"
cat "$T/revoked.crl" "$T/late.crl" >"$T/both.crl"
everywhere "$T/both.crl"
# the lower CA is not known here: what signs the second CRL?
refused_at_start 'late.*not signed by a CA that is known'
for who in central peripheral; do
	cat "$T/late/cert.pem" "$T/lower/cert.pem" >>"$T/$who/ca.pem"
done
cat "$T/lower.crl" >>"$T/both.crl"
everywhere "$T/both.crl"
serve peripheral
good_peer_is_served
central_is_refused bad 44
grep -q 'its certificate .*bad.* was revoked 20.*keyCompromise' "$T/serve.err" ||
	fail "serve does not say why"
central_is_refused lower-leaf 44
grep -q 'the certificate of its CA .*lower.* was revoked' "$T/serve.err" ||
	fail "serve does not say of whom"
for who in bad lower-leaf; do
	peripheral_is_refused "$who" 44
done
serve_ends_well
# the refused peer is told
serve peripheral
status=0
"$B/tools/blesec-connect" --dir "$T/bad" --wait 1 "unix:$T/serve" </dev/null \
	>"$T/told.out" 2>"$T/told.err" || status=$?
[ "$status" = 4 ] || fail "the revoked one exits $status"
grep -q 'certificate revoked' "$T/told.err" || fail "connect is not told"
serve_ends_well

# not a CRL, or not a CRL of our CAs
pki_crl "$T/stale.crl" "$T/ca" from=20200101000000Z to=20210101000000Z
everywhere "$T/stale.crl"
refused_at_start 'crl.pem.*was to be replaced before 2021-01-01T00:00:00Z; the clock here'
pki_crl "$T/early.crl" "$T/ca" from=20980101000000Z to=20990101000000Z
everywhere "$T/early.crl"
refused_at_start 'not valid before 2098'
pki_crl "$T/foreign.crl" "$T/other"
everywhere "$T/foreign.crl"
refused_at_start 'CRL of .*Other CA.* not signed by a CA that is known'
pki_ca "$T/same"
pki_crl "$T/same.crl" "$T/same"
everywhere "$T/same.crl"
refused_at_start 'Test CA.*not signed by'
for file in /dev/null "$T/ca/cacert.pem" "$T/good.crl.db/openssl.cnf"; do
	everywhere "$file"
	refused_at_start 'holds no PEM CRL'
done
# One CRL is broken, so what it would have revoked is unknown.
{
	cat "$T/good.crl"
	sed 3d "$T/good.crl"
} >"$T/half.crl"
everywhere "$T/half.crl"
refused_at_start 'PEM CRL that cannot be read, number 2'
for who in central peripheral; do
	rm "$T/$who/crl.pem"
	mkfifo "$T/$who/crl.pem"
done
refused_at_start 'crl.pem.*not a file'
for who in central peripheral; do
	rm "$T/$who/crl.pem"
	ln -s nowhere "$T/$who/crl.pem"
done
refused_at_start 'crl.pem|cannot open'
