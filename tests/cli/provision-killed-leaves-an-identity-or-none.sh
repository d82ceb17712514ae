#!/usr/bin/env bash
# Killed at 50 moments, without an identity before, with one, while a request
# is made, while a certificate is installed, for the old key and for a new one,
# by EST, with keys in the TPM, and with a TPM that loses power: what is there
# is whole, and the next run works. (Over ssh: provision-hosts-killed-or-full.)
# takes: 30 s
# time limit: 240
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
# moments N COMMAND...: kill the command N times, at moments spread over the
# time that it takes when left alone, as in the last run. Calls prepare before
# each and check after. $early counts the runs that were killed before they
# were done.
moments() {
	local n ms count=$1 start
	shift
	prepare
	start=$(date +%s%N)
	"$@" >ended 2>err || fail "$(cat err)"
	ms=$((($(date +%s%N) - start) / 1000000 + 1))
	check
	early=0
	for ((n = 0; n < count; n++)); do
		prepare
		"$@" >ended 2>&1 &
		victim=$!
		sleep "$(printf '%d.%03d' $((ms * n / count / 1000)) \
			$((ms * n / count % 1000)))"
		! kill -9 "$victim" 2>/dev/null || early=$((early + 1))
		wait "$victim" 2>/dev/null || :
		check "at moment $n of $count in $ms ms: $*"
	done
	prepare
	"$@" >ended 2>err || fail "the next run: $(cat err)"
	check
	[ "$early" -gt 0 ] || fail "never killed in time: $*"
}

provisions=("$B/tools/blesec-provision" --no-address --name a)
prepare() { rm -rf fresh fresh.next; }
check() { whole fresh || fail "half of an identity $*"; }
moments 8 "${provisions[@]}" --no-tpm --dir fresh --ca ca --force

prepare() { rm -rf request request.next; }
check() {
	whole request || fail "half of a key $*"
	provision --no-tpm --no-address --name a --dir request --csr >csr
	openssl req -in csr -verify -noout 2>/dev/null
}
moments 6 "${provisions[@]}" --no-tpm --dir request --csr

# renewed, with and without a change of the key
provision --dir fresh --no-address --name a --csr | ca sign --dir ca >cert.pem
cp fresh/key.pem key
prepare() { :; }
check() {
	whole fresh || fail "half of an identity $*"
	cmp -s fresh/key.pem key || fail "another key $*"
}
# shellcheck disable=SC2016 # by the other shell
install=(bash -c 'exec "$1" --dir fresh --install <cert.pem' -
	"$B/tools/blesec-provision")
moments 6 "${install[@]}"
cmp -s <(openssl x509 -in fresh/cert.pem) <(openssl x509 -in cert.pem)
[ ! -e fresh.next ]
cp -a fresh old
provision --dir fresh --no-tpm --no-address --name a --force --csr |
	ca sign --dir ca --force >cert.pem
cp -a fresh.next next
prepare() { rm -rf fresh fresh.next; cp -a old fresh; cp -a next fresh.next; }
check() {
	whole fresh || fail "half of an identity $*"
	# The old identity with the waiting key, or the new one.
	cmp -s fresh/key.pem next/key.pem || cmp -s fresh.next/key.pem next/key.pem ||
		fail "the key that waited is lost $*"
}
moments 6 "${install[@]}"

# by EST, the first time and to renew
. "$S/tests/lib/est.sh"
mkdir est
ln -s ../ca est/ca
cd est
(rm ca && est_files) >/dev/null
start_est --user device --password secret
from=("${provisions[@]}" --est "$url" --est-ca web/cacert.pem)
prepare() { rm -rf fresh fresh.next; }
check() { whole fresh || fail "half of an identity $*"; }
moments 5 "${from[@]}" --no-tpm --dir fresh --user device \
	--password-file password
cp fresh/key.pem key.fresh
prepare() { :; }
check() {
	whole fresh || fail "half of an identity $*"
	cmp -s fresh/key.pem key.fresh || fail "another key $*"
}
moments 5 "$B/tools/blesec-provision" --est "$url" --est-ca web/cacert.pem --dir fresh
stop_est
cd ..

# and with a key in the TPM
start_tpm
in_tpm() {
	[ -e "$1" ] || return 0
	grep -q 'TSS2 PRIVATE KEY' "$1/key.pem" || return 1
	[ -e "$1/cert.pem" ] || return 0
	provision --dir "$1" --tpm --show >shown
}
prepare() { rm -rf fresh fresh.next; }
check() {
	in_tpm fresh || fail "half of an identity $*"
	# A resource manager does this for a killed process.
	tpm2_flushcontext -t
}
moments 8 "${provisions[@]}" --tpm --dir fresh --ca ca --force

# the TPM loses power while a key is made in it: the identity stays
provision --tpm --no-address --name a --dir id --ca ca --force >/dev/null
cp -a id before
# (libtss2-tcti-swtpm leaks its configuration when it fails to connect.)
for n in {0..5}; do
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0 \
		"$B/tools/blesec-provision" --tpm --no-address --name a --dir id \
		--ca ca --force >/dev/null 2>err &
	victim=$!
	sleep "0.$(printf %03d $((n * 10)))"
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
