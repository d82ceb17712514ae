# shellcheck shell=bash
# For tests with a TPM, after tests/lib/session.sh: a real software TPM.
export BLESEC_CA=$S/scripts/blesec-ca
tpm=

# start_tpm: on the state in $T/tpm, made if there is none.
start_tpm() {
	mkdir -p "$T/tpm"
	rm -f "$T/tpm.sock" "$T/tpm.sock.ctrl"
	swtpm socket --tpm2 --tpmstate dir="$T/tpm" \
		--server type=unixio,path="$T/tpm.sock" \
		--ctrl type=unixio,path="$T/tpm.sock.ctrl" \
		--flags not-need-init,startup-clear >/dev/null 2>&1 &
	tpm=$!
	await 20 listens "$T/tpm.sock"
	await 20 listens "$T/tpm.sock.ctrl"
	export TPM2OPENSSL_TCTI=swtpm:path=$T/tpm.sock
	export TPM2TOOLS_TCTI=$TPM2OPENSSL_TCTI
}

# cut_power: as pulling the plug does.
cut_power() {
	kill -9 "$tpm"
	wait "$tpm" 2>/dev/null || :
}

ca() { "$S/scripts/blesec-ca" "$@"; }
provision() { "$B/tools/blesec-provision" "$@"; }

# refused STATUS REGEX COMMAND...: ends so, with one line on stderr that
# matches.
refused() {
	local wanted=$1 regex=$2 status=0
	shift 2
	"$@" >refused.out 2>refused.err || status=$?
	[ "$status" = "$wanted" ] ||
		fail "status $status, not $wanted: $*: $(cat refused.err)"
	grep -Eq -- "$regex" refused.err || fail "no '$regex': $(cat refused.err)"
	[ "$(wc -l <refused.err)" = 1 ] || fail "not one line: $(cat refused.err)"
	[ ! -s refused.out ] || fail "on stdout: $(cat refused.out)"
}

# same_key DIR: key.pem and cert.pem belong together.
same_key() {
	cmp -s <(openssl x509 -in "$1/cert.pem" -noout -pubkey) \
		<(openssl pkey -in "$1/key.pem" -pubout 2>/dev/null)
}
