#!/usr/bin/env bash
# The password of a key is in the signer's memory and nowhere else: not in an
# argument, the environment, a log at any -v, a file that others can read, or
# another process of blesec-serve.
# build: gcc
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
word=horse-$RANDOM-$RANDOM-$RANDOM
wanted=$(printf '%s' "$word" | base64)

# in_memory PID: is the password in its memory? Keep it out of grep's own
# arguments.
in_memory() {
	WORD=$wanted python3 "$S/tests/cli/key-auth-is-nowhere-else.py" "$1"
}
family() { # PID: it and what it has started
	local pid
	echo "$1"
	for pid in $(pgrep -P "$1"); do
		family "$pid"
	done
}
# nowhere PID: neither in arguments nor in environments
nowhere() { # PID
	local pid
	for pid in $(family "$1"); do
		if grep -qF "$word" "/proc/$pid/cmdline" "/proc/$pid/environ"; then
			fail "an argument or a variable of $pid has it"
		fi
	done
}

# serve, the signer, the peer's process, the command
complete() { [ "$(family "$server" | wc -l)" -ge 4 ]; }

# A sanitizer copies the environment before main, for itself.
nm -D "$B/tools/blesec-serve" >symbols
sanitized=$(grep -c __asan symbols || :)

start_tpm
umask 022
ca init --dir ca --name "Example CA"
(umask 077; echo "$word" >auth)
provision --no-tpm --no-address --name phone --ca ca --dir phone >/dev/null
V=$word provision -vvv --tpm --no-address --name sensor --ca ca --dir sensor \
	--key-auth env:V >made 2>made.err

# a command of serve's would inherit the variable
for source in env:V file:auth; do
	V='' && [ "$source" != env:V ] || V=$word
	V=$V "$B/tools/blesec-serve" -vvv --dir sensor --key-auth "$source" \
		"unix:$T/link" -- sh -c 'env; cat' </dev/null \
		>serve.json 2>serve.err &
	server=$!
	await 10 test -S link
	start_connect --lines <&8 >out 2>&1 -- sh -c 'echo hello; cat'
	await 10 grep -q secured serve.json
	await 10 complete
	sleep 0.3
	nowhere "$server"
	signers=0 others=0
	for pid in $(family "$server"); do
		if [ "$(cat "/proc/$pid/comm")" = blesec-signer ]; then
			in_memory "$pid" || fail "the signer has lost it"
			signers=$((signers + 1))
		else
			if ((!sanitized)) && in_memory "$pid"; then
				fail "in $(cat "/proc/$pid/comm") with $source"
			fi
			others=$((others + 1))
		fi
	done
	[ "$signers" = 1 ] || fail "$signers signers"
	# serve, the peer's process, the command
	[ "$others" -ge 3 ] || fail "only $others others: $(family "$server")"
	kill "$client"
	wait "$client" 2>/dev/null || :
	stop_serve
	rm -f link
done
if grep -F "$word" ./*.err serve.json out made; then fail "it is told"; fi
rm auth
if grep -rlF "$word" --exclude-dir=tpm .; then fail "a file has it"; fi
cut_power
