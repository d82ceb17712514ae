# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Chains, good and bad, for whoever verifies chains.  Sourced after
# tests/lib/pki.sh; needs bash.
#
#   corpus DIR     makes DIR/NAME/{chain.pem,ca.pem[,crl.pem]} for each case
#
# Every leaf is for a central, unless its name says otherwise.

# A CA below another, in $corpus/.NAME; options of pki_identity.
corpus_ca() # NAME PARENT [OPTION...]
{
	pki_identity "$corpus/.$1" "$corpus/.$2" basic=CA:TRUE \
		ku=keyCertSign,cRLSign eku= san= ski=hash "${@:3}" || return
	cp "$corpus/.$1/cert.pem" "$corpus/.$1/cacert.pem"
	cp "$corpus/.$1/key.pem" "$corpus/.$1/cakey.pem"
}

# A case of these files, after one another; trusted is the root.
corpus_case() # NAME FILE...
{
	mkdir -p "$corpus/$1"
	cat "${@:2}" >"$corpus/$1/chain.pem"
	cp "$corpus/.root/cacert.pem" "$corpus/$1/ca.pem"
}

# A leaf of a CA, with the CAs between it and the root.
corpus_leaf() # NAME CA [OPTION...] [-- CA...]
{
	local name=$1 ca=$2 options=() above=()
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	while [ $# -gt 1 ]; do
		above+=("$corpus/.$2/cacert.pem")
		shift
	done
	pki_identity "$corpus/.leaf-$name" "$corpus/.$ca" name="$name" \
		"${options[@]}" || return
	corpus_case "$name" "$corpus/.leaf-$name/cert.pem" "${above[@]}"
}

# The same as another case, with this CRL or these.
corpus_crl() # NAME CASE CRL...
{
	cp -r "$corpus/$2" "$corpus/$1"
	cat "${@:3}" >"$corpus/$1/crl.pem"
}

corpus_good()
{
	local long past
	past=$(date -u -d '10 minutes ago' +%Y%m%d%H%M%SZ)
	printf -v long '%064d' 7
	corpus_leaf good root
	corpus_leaf good-p384 root key=p384
	corpus_leaf good-client-only root eku=clientAuth
	corpus_leaf good-sha384 root digest=sha384
	corpus_leaf good-sha512 root digest=sha512
	corpus_leaf good-address root \
		san=DNS:x,URI:urn:bdaddr:00-AA-01-01-00-01
	corpus_leaf "good-long" root name="$long"
	corpus_leaf good-no-san root san=
	corpus_leaf good-no-aki root aki=
	corpus_leaf good-ski root ski=hash
	corpus_leaf good-more-usage root ku=digitalSignature,keyAgreement
	corpus_leaf good-more-purposes root eku=clientAuth,emailProtection
	corpus_leaf good-padded root pad=1000
	corpus_leaf good-just-now root from="$past"
	corpus_leaf good-without-end root to=never
	corpus_leaf good-sub sub -- sub
	corpus_leaf good-sub-sub sub2 -- sub2 sub
	corpus_leaf good-sub-disordered sub2 -- sub sub2
	corpus_leaf good-sub-p384 sub384 -- sub384
	corpus_leaf good-root-sent root -- root
	corpus_leaf good-stray-sent root -- other
	corpus_leaf good-pathlen short -- short
	corpus_leaf good-permitted permits name=x.example -- permits
}

corpus_form()
{
	local key
	for key in p521 secp256k1 rsa ed25519 explicit; do
		corpus_leaf "key-$key" root key="$key"
	done
	corpus_ca subrsa root key=rsa
	corpus_leaf sub-rsa subrsa -- subrsa
	corpus_leaf sha1 root digest=sha1
	corpus_leaf large root pad=1900
	corpus_leaf chain-of-5 root -- sub sub2 short other
	openssl x509 -req -in "$corpus/.leaf-good/csr.pem" -days 30 \
		-CA "$corpus/.root/cacert.pem" -CAkey "$corpus/.root/cakey.pem" \
		-set_serial 77 -out "$corpus/.v1.pem" 2>/dev/null
	corpus_case version-1 "$corpus/.v1.pem"
}

corpus_usage()
{
	corpus_leaf eku-server root eku=serverAuth
	corpus_leaf eku-none root eku=
	corpus_leaf eku-code root eku=codeSigning
	corpus_leaf eku-any root eku=anyExtendedKeyUsage
	corpus_leaf ku-none root ku=
	corpus_leaf ku-encipherment root ku=keyEncipherment
	corpus_leaf ku-agreement root ku=keyAgreement
	corpus_leaf leaf-is-ca root basic=CA:TRUE ku=digitalSignature,keyCertSign
	corpus_leaf leaf-is-ca-without-use root basic=CA:TRUE
	corpus_leaf good-no-basic-constraints root basic=
	corpus_leaf name-of-blanks root san= name='a b'
	corpus_leaf name-is-ip root san=IP:10.0.0.1
}

corpus_chain()
{
	corpus_leaf other-ca other
	corpus_leaf other-ca-same-name twin
	corpus_leaf sub-missing sub
	corpus_leaf sub-of-other othersub -- othersub
	corpus_ca subca-false root basic=CA:FALSE
	corpus_leaf sub-is-no-ca subca-false -- subca-false
	corpus_ca subno root basic=
	corpus_leaf sub-without-basic subno -- subno
	corpus_ca subku root ku=cRLSign
	corpus_leaf sub-may-not-sign subku -- subku
	corpus_ca subnoku root ku=
	corpus_leaf good-sub-without-usage subnoku -- subnoku
	corpus_ca subeku root eku=serverAuth
	corpus_leaf sub-for-servers subeku -- subeku
	corpus_ca subeku2 root eku=clientAuth,serverAuth
	corpus_leaf good-sub-for-tls subeku2 -- subeku2
	corpus_ca below short
	corpus_leaf pathlen-exceeded below -- below short
	corpus_leaf name-not-permitted permits name=y.example -- permits
	cp "$corpus/.leaf-good/cert.pem" "$corpus/.leaf-good/cacert.pem"
	cp "$corpus/.leaf-good/key.pem" "$corpus/.leaf-good/cakey.pem"
	corpus_leaf leaf-signs leaf-good aki= -- leaf-good
	corpus_leaf good-critical-san root san=critical,DNS:x
	corpus_leaf critical-unknown root more='1.2.3.4 = critical,ASN1:NULL'
	corpus_leaf good-unknown root more='1.2.3.4 = ASN1:NULL'
	openssl req -x509 -key "$corpus/.leaf-good/key.pem" -config /dev/null \
		-subj /CN=self -days 30 -out "$corpus/.self.pem" \
		-addext basicConstraints=critical,CA:FALSE \
		-addext keyUsage=critical,digitalSignature \
		-addext extendedKeyUsage=clientAuth
	corpus_case self-signed "$corpus/.self.pem"
	pki_tamper x509 "$corpus/.leaf-good/cert.pem" "$corpus/.t1.pem" 3
	corpus_case signature-changed "$corpus/.t1.pem"
	pki_tamper x509 "$corpus/.leaf-good/cert.pem" "$corpus/.t2.pem" -16
	corpus_case serial-changed "$corpus/.t2.pem"
	pki_tamper x509 "$corpus/.sub/cert.pem" "$corpus/.t3.pem" 3
	corpus_case sub-signature-changed \
		"$corpus/.leaf-good-sub/cert.pem" "$corpus/.t3.pem"
}

corpus_dates()
{
	local past=20200101000000Z end=20210101000000Z
	corpus_leaf expired root from=$past to=$end
	corpus_leaf expired-a-minute-ago root from=$past \
		to="$(date -u -d '1 minute ago' +%Y%m%d%H%M%SZ)"
	corpus_leaf early root from=20980101000000Z to=20990101000000Z
	corpus_leaf early-by-an-hour root \
		from="$(date -u -d '1 hour' +%Y%m%d%H%M%SZ)"
	corpus_ca sublate root from=$past to=$end
	corpus_leaf sub-expired sublate -- sublate
	corpus_ca subearly root from=20980101000000Z to=20990101000000Z
	corpus_leaf sub-early subearly -- subearly
}

corpus_revoked()
{
	local c=$corpus/.crl leaf=$corpus/.leaf-good/cert.pem
	local past=20200101000000Z end=20210101000000Z
	pki_crl "$c-root" "$corpus/.root"
	pki_crl "$c-sub" "$corpus/.sub"
	pki_crl "$c-other" "$corpus/.other"
	pki_crl "$c-twin" "$corpus/.twin"
	pki_crl "$c-leaf" "$corpus/.root" "$leaf"
	pki_crl "$c-revokes-sub" "$corpus/.root" "$corpus/.sub/cert.pem"
	pki_crl "$c-revokes-subs-leaf" "$corpus/.sub" \
		"$corpus/.leaf-good-sub/cert.pem"
	pki_crl "$c-stale" "$corpus/.root" from=$past to=$end
	pki_crl "$c-stale-leaf" "$corpus/.root" from=$past to=$end "$leaf"
	pki_crl "$c-early" "$corpus/.root" from=20980101000000Z \
		to=20990101000000Z
	pki_tamper crl "$c-root" "$c-tampered" 3
	pki_tamper crl "$c-leaf" "$c-leaf-tampered" 3
	corpus_ca subnocrl root ku=keyCertSign
	corpus_leaf good-of-no-crl subnocrl -- subnocrl
	pki_crl "$c-may-not" "$corpus/.subnocrl"
	corpus_crl crl-good good "$c-root"
	corpus_crl crl-good-sub good-sub "$c-root" "$c-sub"
	corpus_crl crl-other-and-good good "$c-other" "$c-root"
	corpus_crl crl-revoked good "$c-leaf"
	corpus_crl crl-revoked-sub good-sub "$c-revokes-sub" "$c-sub"
	corpus_crl crl-revoked-by-sub good-sub "$c-root" "$c-revokes-subs-leaf"
	corpus_crl crl-revokes-another good-p384 "$c-leaf"
	corpus_crl crl-stale good "$c-stale"
	corpus_crl crl-stale-revoked good "$c-stale-leaf"
	corpus_crl crl-early good "$c-early"
	corpus_crl crl-other good "$c-other"
	corpus_crl crl-same-name good "$c-twin"
	corpus_crl crl-of-root-only good-sub "$c-root"
	corpus_crl crl-of-sub-only good-sub "$c-sub"
	corpus_crl crl-changed good "$c-tampered"
	corpus_crl crl-changed-revoked good "$c-leaf-tampered"
	corpus_crl crl-of-who-may-not good-of-no-crl "$c-root" "$c-may-not"
	corpus_crl crl-and-expired expired "$c-root"
}

corpus() # DIR
{
	corpus=$1
	mkdir -p "$corpus"
	pki_ca "$corpus/.root" "Root CA"
	pki_ca "$corpus/.other" "Other CA"
	pki_ca "$corpus/.twin" "Root CA"
	corpus_ca sub root
	corpus_ca sub2 sub
	corpus_ca sub384 root key=p384
	corpus_ca short root basic=CA:TRUE,pathlen:0
	corpus_ca permits root \
		more='nameConstraints = critical,permitted;DNS:x.example'
	corpus_ca othersub other
	corpus_good
	corpus_form
	corpus_usage
	corpus_chain
	corpus_dates
	corpus_revoked
}
