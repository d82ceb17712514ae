#!/usr/bin/env bash
# Every option of every tool with an invalid value: status 2, and one line that
# names it (followed at most by "see --help"). --help and --version print to
# stdout.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
export TPM2OPENSSL_TCTI=swtpm:path=$T/nobody
identities
tool=
# bad VALUE ARGUMENT...
bad() {
	local value=$1 status=0
	shift
	"${tool[@]}" "$@" >out 2>err </dev/null || status=$?
	[ "$status" = 2 ] || fail "status $status: ${tool[*]} $*: $(cat err)"
	sed -i '/: see --help$/d' err
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $*: $(cat err)"
	grep -qF -- "$value" err || fail "no '$value': $*: $(cat err)"
	[ ! -s out ] || fail "on stdout: $*"
}

pin=sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
long=$(printf 'x%.0s' {1..65})
for name in serve connect; do
	tool=("$B/tools/blesec-$name" --dir phone)
	bad frob --frob unix:a
	bad "'z'" -z unix:a
	bad "requires an argument" unix:a --dir
	bad "doesn't allow" --raw=1 unix:a
	for option in --timeout --count --wait; do
		for value in 0 -1 x 1x '' ' ' 1.5 0x1 99999999999999999999; do
			bad "\`$value'" "$option" "$value" unix:a
		done
	done
	bad 3601 --timeout 3601 unix:a
	for value in '' sha256// x "sha256/${pin#*//}" "sha1${pin#sha256}" \
		"${pin%=}" "${pin}=" "${pin/+/-}" "$pin "; do
		bad "bad --pin \`$value'" --pin "$value" unix:a
	done
	bad "bad --peer-name \`'" --peer-name '' unix:a
	bad "$long$long" --peer-name "$long$long" unix:a
	repeated=()
	for ((n = 0; n < 65; n++)); do repeated+=(--pin "$pin"); done
	bad 'more than 64' "${repeated[@]}" unix:a
	for value in '' x unix: name: 00:11:22:33:44 00:11:22:33:44:5G hci \
		hcix hci-1 hci1x hci99999 00:11:22:33:44:55,x \
		"unix:$long$long" "name:$long$long"; do
		bad "\`$value'" "$value"
	done
	bad extra unix:a extra
done
bad "\`hci0'" hci0
for value in '*' 'a b' "${long}"; do
	bad "name:$value" "name:$value"
done
for value in 0 x 3601; do
	bad "\`$value'" --connect-timeout "$value" unix:a
done
tool=("$B/tools/blesec-serve" --dir phone)
for value in 00:AA:01:01:00:01 name:x; do
	bad "\`$value'" "$value"
done
for value in 0 -1 x 1025; do
	bad "\`$value'" --max-peers "$value" unix:a
done

tool=("$B/tools/blesec-provision" --dir new)
for option in --jobs --timeout --renew-before; do
	for value in -1 x 1x '' 1.5 99999999999999999999; do
		bad "\`$value'" --ca ca "$option" "$value" host
	done
done
bad "--ca - is for --install" --ca - host
bad "exclude each other" --ca ca --renew --force host
bad "--show takes no --ca" --show --ca ca
bad frob --frob --csr
bad "'z'" -z
bad "requires an argument" --csr --name
bad "doesn't allow" --csr=1
bad '--csr' --no-tpm
bad '--csr, --install, --show and --fetch-crl' --csr --install
bad '--tpm and --no-tpm' --tpm --no-tpm --csr
bad '--ca' --csr --ca ca
for value in '' 'a b' "$long" a/b 'ä' $'a\tb' 'a,DNS:b'; do
	bad "bad --name \`${value/$'\t'/?}" --no-tpm --csr --name "$value"
done
for value in '' x 00:11 00:11:22:33:44:5G 00-11-22-33-44-55 \
	00:11:22:33:44:55:66; do
	bad "\`$value'" --no-tpm --csr --address "$value"
done
for value in '' DNS: x EMAIL:a@b 'DNS:a,DNS:b' IP:1.2.3.4 dns:a; do
	bad "\`$value'" --no-tpm --csr --san "$value"
done
repeated=()
for ((n = 0; n < 40; n++)); do repeated+=(--san "DNS:$long"); done
bad 'too many' --no-tpm --csr "${repeated[@]}"
bad pi@host --csr pi@host
[ ! -e new ]

tool=("$S/scripts/blesec-ca")
bad 'no command given'
bad frob frob
for command in init sign revoke crl list renew; do
	bad -- "$command" --frob
	[ "$command" = revoke ] || bad frob "$command" frob
	for option in --dir --name --role --days; do
		bad "$option" "$command" "$option"
	done
	for value in 0 -1 x 1x '' 100000 08 1e3; do
		bad "\`$value'" "$command" --dir ca --days "$value"
	done
done
bad frob revoke somebody frob
for value in king '' Both 'central peripheral'; do
	bad "\`$value'" sign --dir ca --role "$value"
done
for value in a/b 'a\b' a+b a=b a,b 'a"b' "$long"; do
	bad "\`$value'" init --dir new --name "$value"
done
bad --name init --dir new
[ ! -e new ]

for name in serve connect provision; do
	for option in --help -h; do
		expect 0 "$B/tools/blesec-$name" "$option" >out 2>err
		grep -q "^usage: blesec-$name" out
		[ ! -s err ]
	done
	for option in --version -V; do
		expect 0 "$B/tools/blesec-$name" "$option" >out 2>err
		[ "$(wc -l <out)" = 4 ]
		grep -q '^blesec [0-9]' out
		grep -q '^OpenSSL ' out
		grep -q '^tpm2-openssl is installed; .*without a TPM$' out
		grep -q "^TPM does not answer at .*'$" out
		[ ! -s err ] || fail "--version on stderr: $(cat err)"
	done
	OPENSSL_MODULES=$T/nowhere "$B/tools/blesec-$name" --version >out
	grep -q "^tpm2-openssl does not load: .*$T/nowhere/tpm2" out
done
start_tpm
for name in serve connect provision; do
	"$B/tools/blesec-$name" --version >out
	grep -Eq '^tpm2-openssl [0-9]' out
	grep -Eq '^TPM .*, firmware [0-9]' out
	# the value of whichever variable names the TPM
	env -u TPM2OPENSSL_TCTI "$B/tools/blesec-$name" --version >out
	grep -Eq '^tpm2-openssl [0-9]' out
	grep -Eq '^TPM .*, firmware [0-9]' out
	"$B/tools/blesec-$name" --tcti swtpm:path=nobody --version >out
	grep -q '^TPM does not answer at `swtpm:path=nobody.$' out
done
for option in --help -h --version -V; do
	expect 0 "$S/scripts/blesec-ca" "$option" >out
	[ -s out ]
done
