#!/usr/bin/env bash
# The key of a request (--csr --force, --est) waits in DIR.next for its
# certificate. Another certificate does not remove it, and neither does one for
# this key that is refused. Where the key cannot be used, the message says what
# it is and what to do. Only a new key replaces it, with a warning.
# takes: 25 s
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

make() { provision --no-address --dir id "$@"; }
state() { sha256sum "$1"/*; }
# pending DIR: the waiting key is there, and nothing else
pending() {
	[ "$(ls -A id.next)" = key.pem ] || fail "there: $(ls -A id.next)"
	cmp -s id.next/key.pem waiting.pem || fail "another key"
	[ ! -e id.new ] || fail "id.new is left"
}
install() { make --install "${@:2}" <"$1"; }
# one certificate for the installed key, one for the waiting key
ask() {
	make --csr | ca sign --dir ca --name a >renewed.pem
	make --csr --force "$@" >csr
	ca sign --dir ca --name a --force <csr >new.pem
	cp id.next/key.pem waiting.pem
}

umask 077
echo horse >auth
echo mouse >wrong
unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
ca init --dir ca --name "Example CA"
make --no-tpm --name a --ca ca >/dev/null
ask --no-tpm --key-auth file:auth
pending

# a certificate for the installed key, with and without a password, replaces
# the old certificate, and the waiting key stays
said='.id.next. has a key of 20..-..-..T[0-9:]*Z that waits for its certificate'
for auth in "" --key-auth=file:wrong --key-auth=file:auth; do
	install renewed.pem ${auth:+"$auth"} >out 2>err || fail "$(cat err)"
	grep -Eq "^blesec-provision: warning: .*$said.*; it stays there; remove" err ||
		fail "it says $(cat err)"
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	cmp -s id/cert.pem <(openssl x509 -in renewed.pem) || fail "not installed"
	same_key id
	pending
done
make --renew --ca ca >out 2>err || fail "$(cat err)"
grep -Eq "warning: .*$said" err || fail "it says $(cat err)"
pending

# the waiting key's certificate without the password, with a wrong one, and
# where it is refused
before=$(state id)
refused 3 "was made for another key than that in .*; .*$said.* and does not load: .*has a password: give it with --key-auth.*; or remove that directory" \
	install new.pem
refused 3 "$said.*password of --key-auth is not that of the key.*; or remove" \
	install new.pem --key-auth file:wrong
ca init --dir other --name "Other CA"
refused 3 'because a peer would refuse it' install new.pem --key-auth file:auth --ca other
[ "$(state id)" = "$before" ] || fail "changed"
pending
install new.pem --key-auth file:auth >out 2>err || fail "$(cat err)"
[ ! -s err ] || fail "on stderr: $(cat err)"
cmp -s id/key.pem waiting.pem || fail "not that key"
[ ! -e id.next ] || fail "id.next is left"
[ ! -e id.new ] || fail "id.new is left"

# half a key, as a killed process leaves it
make --no-tpm --name a --ca ca --force >/dev/null
ask --no-tpm
head -c 100 waiting.pem >id.next/key.pem
refused 3 "$said.* and does not load: .*; or remove that directory" \
	install new.pem
install renewed.pem >out 2>err || fail "$(cat err)"
[ -s id.next/key.pem ] || fail "lost"
# a new key replaces it, with a warning
make --csr --force --no-tpm >csr 2>err
grep -Eq "^blesec-provision: warning: .*$said.*; it is replaced by a new one" err ||
	fail "it says $(cat err)"
! cmp -s id.next/key.pem waiting.pem || fail "not a new one"
rm -r id.next

# the same in the TPM
start_tpm
make --tpm --name a --ca ca --force >/dev/null
ask --tpm --key-auth file:auth
install renewed.pem >out 2>err || fail "$(cat err)"
pending
refused 3 "$said.* and does not load: .*has a password" install new.pem
tpm2_clear -Q
refused 6 'cleared since' install new.pem --key-auth file:auth
pending
cut_power
