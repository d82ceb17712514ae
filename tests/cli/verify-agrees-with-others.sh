#!/usr/bin/env bash
# What blesec-verify says of a corpus of good and bad chains is what OpenSSL
# (openssl verify -x509_strict -crl_check_all, for a TLS client) and GnuTLS
# (certtool --verify) say. Where they differ, the table says why: every
# difference is in it, and nothing else.
# takes: 25 s
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/pki.sh"
. "$S/tests/lib/verify.sh"
. "$S/tests/lib/corpus.sh"

command -v certtool >/dev/null || { echo "no certtool"; exit 77; }

# case: blesec openssl gnutls: why
cat >table <<'END'
chain-of-5: bad good good: blesec takes four certificates at most
crl-changed: bad bad good: certtool does not verify the signature of a CRL that it loads
crl-early: bad bad good: certtool does not look at the dates of a CRL
crl-of-root-only: bad bad good: GnuTLS does not demand a CRL of each CA
crl-of-sub-only: bad bad good: GnuTLS does not demand a CRL of each CA
crl-of-who-may-not: bad bad good: certtool does not ask whether the CA may sign CRLs
crl-other: bad bad good: GnuTLS does not demand a CRL of each CA
crl-other-and-good: bad good good: blesec wants to know the CA of each CRL, lest an update has brought the wrong one
crl-same-name: bad bad good: certtool does not verify the signature of a CRL that it loads
crl-stale: bad bad good: certtool does not look at the dates of a CRL
eku-any: bad bad good: GnuTLS takes anyExtendedKeyUsage for each; RFC 5280 4.2.1.12 leaves that to the application
eku-none: bad good good: others take no extended key usage for any; blesec wants the role to be named
good-sub-without-usage: good bad good: -x509_strict wants CAs to conform (RFC 5280 4.2.1.3); the validation (6.1.4 n) looks at a key usage that is there
key-ed25519: bad good good: blesec takes P-256 and P-384 only, which TPMs have
key-explicit: bad bad good: GnuTLS recognizes the curve in explicit parameters
key-p521: bad good good: blesec takes P-256 and P-384 only, which TPMs have
key-rsa: bad good good: blesec takes P-256 and P-384 only: certificates must be small
key-secp256k1: bad good good: blesec takes P-256 and P-384 only, which TPMs have
ku-agreement: bad good good: TLS 1.3 signs, so blesec wants digitalSignature; others know of static ECDH
ku-encipherment: bad bad good: certtool does not look at the key usage of the leaf
ku-none: bad good good: no key usage is none for others; blesec wants digitalSignature to be said
large: bad good good: blesec takes 2048 octets at most
leaf-is-ca: bad bad good: certtool takes a CA for a leaf
leaf-is-ca-without-use: bad bad good: certtool takes a CA for a leaf
name-is-ip: bad good good: others were not asked for a name; a device has one
name-of-blanks: bad good good: others were not asked for a name; a device has one
sha1: bad good bad: openssl verify has a lower security level than TLS has
sub-rsa: bad good good: blesec takes P-256 and P-384 only, on all of the chain
version-1: bad good good: blesec takes version 3 only
END

ours() { # CASE
	local crl=()
	[ ! -e "$1/crl.pem" ] || crl=(--crl "$1/crl.pem")
	verify --role central --ca "$1/ca.pem" "${crl[@]}" "$1/chain.pem" \
		>out.json 2>err
	case $? in
	0) echo good ;;
	4) echo bad ;;
	*) fail "$1: $(cat err)" ;;
	esac
}

openssl_says() {
	local options=(-x509_strict -purpose sslclient -CAfile "$1/ca.pem"
		-untrusted "$1/chain.pem")
	[ ! -e "$1/crl.pem" ] || options+=(-crl_check_all -CRLfile "$1/crl.pem")
	if openssl verify "${options[@]}" "$1/chain.pem" >/dev/null 2>&1; then
		echo good
	else
		echo bad
	fi
}

gnutls_says() {
	local options=(--verify --verify-purpose 1.3.6.1.5.5.7.3.2
		--load-ca-certificate "$1/ca.pem" --infile "$1/chain.pem")
	[ ! -e "$1/crl.pem" ] || options+=(--load-crl "$1/crl.pem")
	if certtool "${options[@]}" >/dev/null 2>&1; then
		echo good
	else
		echo bad
	fi
}

corpus "$T/corpus"
cd corpus
count=0
for case in *; do
	count=$((count + 1))
	set +e
	verdicts="$(ours "$case") $(openssl_says "$case") $(gnutls_says "$case")"
	set -e
	# The names say what each has to be.
	case $case in
	good* | crl-good* | crl-revokes-another) wanted=good ;;
	*) wanted=bad ;;
	esac
	[ "${verdicts%% *}" = "$wanted" ] ||
		echo "$case: $verdicts, and $wanted is wanted: $(failed_checks out.json)"
	line=$(grep -- "^$case: " ../table || :)
	case $verdicts in
	"good good good" | "bad bad bad")
		[ -z "$line" ] || echo "no difference: $case" ;;
	*)
		[[ $line == "$case: $verdicts: "?* ]] ||
			echo "not in the table: $case: $verdicts" ;;
	esac
done >../differences
[ ! -s ../differences ] || fail "$(cat ../differences)"
[ "$count" -ge 60 ] || fail "only $count chains"
mapfile -t named < <(cut -d: -f1 ../table)
for case in "${named[@]}"; do
	[ -d "$case" ] || fail "no such case: $case"
done
