#!/usr/bin/env bash
# Killed at 30 moments each, without an identity before, with one, while a
# certificate is installed, and with a TPM that loses power: what is there is
# whole, and the next run works.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
ca init --dir ca --name "Example CA"

# whole DIR: an identity as a set, or a key that waits for its certificate, or
# nothing
whole() {
	[ -e "$1" ] || return 0
	openssl pkey -in "$1/key.pem" -noout 2>/dev/null || return 1
	[ "$(stat -c %a "$1/key.pem")" = 600 ] || return 1
	[ -e "$1/cert.pem" ] || {
		[ ! -e "$1/ca.pem" ]
		return
	}
	same_key "$1" &&
		openssl verify -CAfile "$1/ca.pem" "$1/cert.pem" >/dev/null
}
# killed_after MILLISECONDS COMMAND...
killed_after() {
	local victim ms=$1
	shift
	"$@" >/dev/null 2>&1 &
	victim=$!
	sleep "0.$(printf %03d "$ms")"
	kill -9 "$victim" 2>/dev/null || return 0
	wait "$victim" 2>/dev/null || :
}

options=(--no-tpm --no-address --name a)
none=0
for n in {0..29}; do
	rm -rf fresh fresh.next
	killed_after $((n * 6)) "$B/tools/blesec-provision" "${options[@]}" \
		--dir fresh --ca ca
	whole fresh || fail "half of a first identity at moment $n"
	[ -e fresh ] || none=$((none + 1))
done
[ "$none" -gt 0 ] || fail "never killed in time"
provision "${options[@]}" --dir fresh --ca ca --force >/dev/null
whole fresh

for n in {0..29}; do
	rm -rf request request.next
	killed_after "$n" "$B/tools/blesec-provision" "${options[@]}" \
		--dir request --csr
	whole request || fail "half of a key at moment $n"
	provision "${options[@]}" --dir request --csr >csr
	openssl req -in csr -verify -noout 2>/dev/null
done

provision --dir fresh "${options[@]}" --csr | ca sign --dir ca >cert.pem
cp fresh/key.pem key
for n in {0..29}; do
	killed_after "$n" "$B/tools/blesec-provision" --dir fresh --install \
		<cert.pem
	whole fresh || fail "half of an identity at moment $n of --install"
	cmp -s fresh/key.pem key || fail "another key at moment $n"
done
provision --dir fresh --install <cert.pem >/dev/null
cmp -s <(openssl x509 -in fresh/cert.pem) <(openssl x509 -in cert.pem)
[ ! -e fresh.next ]

# the TPM loses power while a key is made in it: the identity stays
start_tpm
provision --tpm --no-address --name a --dir id --ca ca >/dev/null
cp -a id before
# (libtss2-tcti-swtpm leaks its configuration when it fails to connect.)
for n in {0..9}; do
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		"$B/tools/blesec-provision" --tpm --no-address --name a --dir id \
		--ca ca --force >/dev/null 2>err &
	victim=$!
	sleep "0.$(printf %03d $((n * 6)))"
	cut_power
	status=0
	wait "$victim" || status=$?
	case $status in
	0) rm -rf before && cp -a id before ;;
	6) diff -r id before || fail "cut $n has changed the identity" ;;
	*) fail "status $status at cut $n: $(cat err)" ;;
	esac
	start_tpm
	openssl x509 -in id/cert.pem -noout -pubkey >public.pem
	echo "$n" >text
	openssl dgst -provider tpm2 -provider default -sha256 \
		-propquery '?provider=tpm2' -sign id/key.pem -out signature \
		text </dev/null 2>err || fail "does not sign after cut $n"
	openssl dgst -sha256 -verify public.pem -signature signature text >/dev/null
done
provision --tpm --no-address --name a --dir id --ca ca --force >/dev/null
[ -z "$(tpm2_getcap handles-transient)" ]
[ ! -e id.next ]
