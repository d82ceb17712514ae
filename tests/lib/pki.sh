# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Good and bad identities, straight from openssl(1): what a CA of ours would
# not sign has to come from somewhere.  Sourced; needs bash.
#
#   pki_ca DIR [NAME]             a CA: cacert.pem, cakey.pem
#   pki_identity DIR CA [OPTION...]   key.pem, cert.pem, ca.pem of CA
#   pki_crl FILE CA [from=TIME] [to=TIME] [CERT...]   what CA has revoked
#   pki_tamper TYPE FROM TO OFFSET    a PEM file with one octet changed
#
# Options of pki_identity:
#   name=NAME      commonName and dNSName                (default: base of DIR)
#   san=LIST       subjectAltName as openssl writes it, "" for none
#   eku=LIST       extendedKeyUsage, "" for none    (clientAuth,serverAuth)
#   ku=LIST        keyUsage, "" for none                 (digitalSignature)
#   basic=TEXT     basicConstraints                      (CA:FALSE)
#   aki=TEXT       authorityKeyIdentifier, "" for none   (keyid)
#   ski=TEXT       subjectKeyIdentifier                  (none)
#   from=TIME to=TIME   YYYYMMDDHHMMSSZ; to=never is the date without an end
#   key=KIND       p256, p384, p521, secp256k1, rsa, ed25519, explicit
#   keyfile=FILE   that key instead of a new one
#   digest=NAME    of the CA's signature                 (sha256)
#   pad=OCTETS     that much more certificate, in a comment
#   more=LINE      one more extension, as openssl writes it
#   trust=CA       ca.pem is that CA's instead

pki_key() # KIND FILE
{
	case $1 in
	p256) set -- EC P-256 "$2" ;;
	p384) set -- EC P-384 "$2" ;;
	p521) set -- EC P-521 "$2" ;;
	secp256k1) set -- EC secp256k1 "$2" ;;
	explicit) set -- EC P-256 "$2" -pkeyopt ec_param_enc:explicit ;;
	ed25519) openssl genpkey -quiet -algorithm ED25519 -out "$2"
		return ;;
	rsa) openssl genpkey -quiet -algorithm RSA \
		-pkeyopt rsa_keygen_bits:2048 -out "$2"
		return ;;
	*) echo "pki_key: $1?" >&2; return 1 ;;
	esac
	openssl genpkey -algorithm "$1" -pkeyopt "ec_paramgen_curve:$2" \
		"${@:4}" -out "$3"
}

pki_ca() # DIR [NAME]
{
	mkdir -p "$1" && (
	umask 077
	pki_key p256 "$1/cakey.pem" &&
	openssl req -x509 -new -key "$1/cakey.pem" -out "$1/cacert.pem" \
		-config /dev/null -subj "/CN=${2:-Test CA}" -days 3650 \
		-addext basicConstraints=critical,CA:TRUE \
		-addext keyUsage=critical,keyCertSign,cRLSign \
		-addext subjectKeyIdentifier=hash
	)
}

# A line of an extension section, if there is a value.
pki_line() # KEY VALUE
{
	[ -z "$2" ] || echo "$1 = $2"
}

pki_identity() # DIR CA [OPTION...]
{
	local dir=$1 ca=$2 name san eku ku basic from to key keyfile digest pad
	local aki ski trust more option
	shift 2
	name=${dir##*/} san=- eku=clientAuth,serverAuth ku=digitalSignature
	basic=CA:FALSE aki=keyid ski=none key=p256 keyfile='' digest=sha256 pad=0
	more='' trust=$ca
	from=$(date -u -d '1 day ago' +%Y%m%d%H%M%SZ)
	to=$(date -u -d '1 year' +%Y%m%d%H%M%SZ)
	for option; do
		case $option in
		name=* | san=* | eku=* | ku=* | basic=* | aki=* | ski=* | \
		from=* | to=* | \
		key=* | keyfile=* | digest=* | pad=* | more=* | trust=*)
			local "${option?}" ;;
		*) echo "pki_identity: $option?" >&2; return 1 ;;
		esac
	done
	[ "$san" != - ] || san=DNS:$name
	[ "$to" != never ] || to=99991231235959Z

	mkdir -p "$dir" && (
	umask 077
	if [ -n "$keyfile" ]; then
		cp "$keyfile" "$dir/key.pem"
	else
		pki_key "$key" "$dir/key.pem"
	fi || exit
	# Everything in one file: openssl ca wants its database on disk.
	: >"$dir/index.txt"
	openssl rand -hex 8 >"$dir/serial"
	{
		cat <<-CONF
		[ca]
		default_ca = it
		[it]
		database = $dir/index.txt
		serial = $dir/serial
		new_certs_dir = $dir
		certificate = $ca/cacert.pem
		private_key = $ca/cakey.pem
		policy = any
		x509_extensions = ext
		unique_subject = no
		[any]
		commonName = supplied
		[ext]
		CONF
		pki_line basicConstraints "${basic:+critical,$basic}"
		pki_line keyUsage "${ku:+critical,$ku}"
		pki_line extendedKeyUsage "$eku"
		pki_line subjectAltName "$san"
		pki_line authorityKeyIdentifier "$aki"
		echo "subjectKeyIdentifier = $ski"
		echo "$more"
		[ "$pad" -eq 0 ] ||
			printf '2.5.29.99 = DER:04:82:%02x:%02x%s\n' \
				$((pad >> 8)) $((pad & 255)) \
				"$(printf ':2a%.0s' $(seq "$pad"))"
	} >"$dir/openssl.cnf"
	openssl req -new -key "$dir/key.pem" -config /dev/null \
		-subj "/CN=$name" -out "$dir/csr.pem" || exit
	openssl ca -batch -config "$dir/openssl.cnf" -md "$digest" -notext \
		-in "$dir/csr.pem" -startdate "$from" -enddate "$to" \
		-out "$dir/cert.pem" 2>"$dir/ca.log" ||
		{ cat "$dir/ca.log" >&2; exit 1; }
	cp "$trust/cacert.pem" "$dir/ca.pem"
	)
}

# A CRL of these certificates, with keyCompromise as the reason.
pki_crl() # FILE CA [from=TIME] [to=TIME] [CERT...]
{
	local file=$1 ca=$2 from to cert
	local db=$1.db
	shift 2
	from=$(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ)
	to=$(date -u -d '30 days' +%Y%m%d%H%M%SZ)
	rm -rf "$db"
	mkdir "$db" && (
	: >"$db/index.txt"
	echo 01 >"$db/crlnumber"
	cat >"$db/openssl.cnf" <<-CONF
	[ca]
	default_ca = it
	[it]
	database = $db/index.txt
	crlnumber = $db/crlnumber
	certificate = $ca/cacert.pem
	private_key = $ca/cakey.pem
	default_md = sha256
	CONF
	for cert; do
		case $cert in
		from=* | to=*) local "${cert?}" ;;
		*) openssl ca -config "$db/openssl.cnf" -revoke "$cert" \
			-crl_reason keyCompromise 2>"$db/log" ||
			{ cat "$db/log" >&2; exit 1; } ;;
		esac
	done
	openssl ca -config "$db/openssl.cnf" -gencrl -out "$file" \
		-crl_lastupdate "$from" -crl_nextupdate "$to" 2>"$db/log" ||
		{ cat "$db/log" >&2; exit 1; }
	)
}

# The pin of a certificate, as --pin takes it.
pki_pin() # CERT
{
	openssl x509 -in "$1" -noout -pubkey |
		openssl pkey -pubin -outform DER |
		openssl dgst -sha256 -binary | base64 |
		sed 's,^,sha256//,'
}

# An octet of a PEM file (TYPE: x509, crl, req) made another one, so far from
# its end, or from its beginning if OFFSET is negative.
pki_tamper() # TYPE FROM TO OFFSET
{
	local at=$4 size octet
	openssl "$1" -in "$2" -outform DER -out "$3" || return
	size=$(stat -c %s "$3")
	[ "$at" -lt 0 ] && at=$((-at)) || at=$((size - at))
	octet=$(od -An -tu1 -j "$at" -N 1 "$3")
	printf '%b' "$(printf '\\x%02x' $((octet ^ 1)))" |
		dd of="$3" bs=1 seek="$at" conv=notrunc 2>/dev/null
	openssl "$1" -inform DER -in "$3" -out "$3.pem" && mv "$3.pem" "$3"
}
