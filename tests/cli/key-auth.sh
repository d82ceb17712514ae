#!/usr/bin/env bash
# A key with a password, in the TPM and in a file: every tool uses it, exits 3
# with a message if the password is missing or wrong, and asks the TPM only
# once.
# takes: 50 s
# time limit: 300
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/verify.sh"

wrong_ones() { # what the TPM has counted
	tpm2_getcap properties-variable |
		sed -n 's/^TPM2_PT_LOCKOUT_COUNTER: //p'
}
# type each argument after the command as a line on its terminal
on_terminal() { # COMMAND ANSWER...
	python3 "$S/tests/cli/key-auth.py" "$@"
}

# The server is gone when it no longer holds its socket.
kill_signer() {
	local pid
	pid=$(pgrep -P "$server" -x blesec-signer)
	kill -9 "$pid"
	await 10 grep -q '^State:.Z' "/proc/$pid/status"
}

start_tpm
tpm2_dictionarylockout -Q --setup-parameters --max-tries 5 \
	--recovery-time 1000 --lockout-recovery-time 1000
umask 077
echo secret-horse >right
echo secret-mouse >wrong
: >empty
ca init --dir ca --name "Example CA"
provision --no-address --name phone --no-tpm --ca ca --dir phone >/dev/null

for kind in --tpm --no-tpm; do
	rm -rf sensor
	provision "$kind" --force --no-address --name sensor --ca ca --dir sensor \
		--key-auth file:right >event
	jq -e '.event == "provisioned"' event >/dev/null
	[ "$(stat -c %a sensor/key.pem)" = 600 ]
	good --dir sensor --key-auth file:right
	V=secret-horse good --dir sensor --key-auth env:V
	serve --key-auth file:right </dev/null
	expect 0 connect </dev/null >out
	stop_serve
	# renewal, by a request
	provision --csr --dir sensor --key-auth file:right >csr
	ca sign --dir ca <csr >cert
	provision --install --dir sensor --key-auth file:right <cert >/dev/null
	provision --show --dir sensor --key-auth file:right >shown

	before=$(wrong_ones)
	sensor=("$B/tools/blesec-connect" --dir sensor "unix:$T/none")
	refused 3 'has a password.*--key-auth' "${sensor[@]}"
	refused 3 'has a password.*--key-auth' provision --csr --dir sensor
	bad 3 key 'has a password.*--key-auth' --dir sensor
	[ "$(wrong_ones)" = "$before" ] || fail "none is taken for a wrong one"
	refused 3 'the password of --key-auth is not that of' "${sensor[@]}" \
		--key-auth file:wrong
	refused 3 'the password of --key-auth is not that of' \
		provision --csr --dir sensor --key-auth file:wrong
	after=$(wrong_ones)
	wanted=$((before + 2))
	[ "$kind" = --tpm ] || wanted=$((before))
	[ "$((after))" = "$wanted" ] || fail "the TPM counts $before, $after"
	tpm2_dictionarylockout -Q --clear-lockout
done
grep -q 'BEGIN ENCRYPTED PRIVATE KEY' sensor/key.pem
openssl pkey -in sensor/key.pem -passin file:right -noout
openssl asn1parse -in sensor/key.pem | grep ':0927C0' >/dev/null # 600000 rounds

# from the terminal: once, twice for a new key, and never from stdin
new="'$B/tools/blesec-provision' --no-address --name a --ca ca --dir asked \
	--key-auth ask --tpm"
if on_terminal "$new" horse-one horse-two >said; then fail "two are one"; fi
grep -q 'the two passwords differ' said
[ ! -e asked ] && [ ! -e asked.next ]
on_terminal "$new" horse-one horse-one >said
grep -q 'New password of .*Once more' <(tr -d '\r\n' <said)
if grep -q horse said; then fail "it is echoed"; fi
on_terminal "'$B/tools/blesec-verify' --text --dir asked --key-auth ask" \
	horse-one >said
[ "$(grep -c 'Password of' said)" = 1 ]
no_terminal() {
	setsid -w "$B/tools/blesec-verify" --dir asked --key-auth ask <<<horse-one
}
refused 3 'there is no terminal' no_terminal

# invalid sources, and sources with bad contents
verify_it() { "$B/tools/blesec-verify" --dir asked --key-auth "$1"; }
refused 2 'ask, file:FILE or env:VARIABLE' verify_it horse-one
if grep -q horse-one refused.err; then fail "it is told again"; fi
refused 3 'the variable is not set' verify_it env:NONE
refused 3 'is empty' verify_it file:empty
refused 3 'No such file' verify_it file:none
cp right open
chmod 640 open
refused 3 'open to others .mode 0640.*chmod 600' verify_it file:open
mkfifo pipe
refused 3 'not a file' verify_it file:pipe
head -c 200 /dev/zero | tr '\0' x >long
refused 3 'too long' verify_it file:long
head -c 40 long >longer
refused 3 'at most 32' provision --tpm --no-address --name b --ca ca --dir b \
	--key-auth file:longer
[ ! -e b ] && [ ! -e b.next ]
refused 2 'not for that of a HOST' provision --ca ca --key-auth file:right host

# An encrypted file where none is allowed is refused, and nobody is asked.
sed '1a Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n' \
	phone/cert.pem >encrypted.pem
if on_terminal "'$B/tools/blesec-verify' --ca ca/ca.pem encrypted.pem" >said; then
	fail "it is good"
fi
grep -q 'holds no PEM certificate' said || fail "$(cat said)"
if grep -qi 'pass phrase' said; then fail "it asks"; fi

# A running server does not make the TPM try a wrong password repeatedly.
rm -rf sensor
provision --tpm --force --no-address --name sensor --ca ca --dir sensor \
	--key-auth file:right >/dev/null
cp right given
serve --key-auth file:given </dev/null
before=$(wrong_ones)
provision --tpm --force --no-address --name sensor --ca ca --dir sensor \
	--key-auth file:wrong >/dev/null
await 20 grep -q 'not_reloaded.*password of --key-auth is not' serve.json
[ "$(($(wrong_ones) - before))" = 1 ] || fail "$before, $(wrong_ones)"
touch sensor/cert.pem
await 20 grep -q 'not_reloaded.*was refused before' serve.json
# nor for each session, once the process with the good key has gone
echo secret-cat >given
kill_signer
for _ in 1 2 3; do expect 5 connect </dev/null >out 2>err; done
[ "$(($(wrong_ones) - before))" -le 2 ] || fail "$before, $(wrong_ones)"
stop_serve
tpm2_dictionarylockout -Q --clear-lockout

# a session after the TPM was away: only the signer still has the password
rm -rf sensor
provision --tpm --force --no-address --name sensor --ca ca --dir sensor \
	--key-auth file:right >/dev/null
serve --key-auth file:right </dev/null
expect 0 connect </dev/null >out
tpm2_shutdown -c -Q 2>/dev/null || :
cut_power
status=0
connect </dev/null >out 2>/dev/null || status=$?
[ "$status" != 0 ]
start_tpm
once_more() { connect </dev/null >out; }
await 30 once_more
stop_serve
cut_power

# If the signer dies, the next one reads a password file again; a password that
# was typed, or came in a variable, is no longer known.
rm -rf sensor
provision --no-tpm --force --no-address --name sensor --ca ca --dir sensor \
	--key-auth file:right >/dev/null
serve --key-auth file:right </dev/null
kill_signer
# The file's 600,000 rounds may take longer than a central waits on a new link.
await 60 once_more
stop_serve
export V=secret-horse
serve --key-auth env:V </dev/null
kill_signer
expect 5 connect </dev/null >out 2>err || fail "$(cat err)"
await 5 grep -q 'is not known: --key-auth env:V was read at the start' \
	serve.err
grep -q '"error".*"reason":"key"' serve.json
stop_serve
