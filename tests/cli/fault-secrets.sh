#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No diagnostic output contains keys or messages, at any -v, and SSLKEYLOGFILE
# alone writes nothing.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

plain=plaintext-$RANDOM$RANDOM$RANDOM
export SSLKEYLOGFILE=$T/keylog
serve peripheral -vvv
unset SSLKEYLOGFILE
attack fault-secrets.py "$plain"
SSLKEYLOGFILE=$T/keylog spawn connect "$B/tools/blesec-connect" -vvv \
	--dir "$T/central" --count 1 "unix:$T/serve"
wait_for 20 event connect secured || fail "not secured"
say connect "$plain"
wait_for 20 counted 2 serve message text "$plain" || fail "not heard"
say serve "$plain"
exit_of connect 20 || fail "connect does not end"
[ "$ended" -eq 0 ] || fail "connect exits $ended"
serve_ends_well
[ ! -e "$T/keylog" ] || fail "SSLKEYLOGFILE alone is enough"

# What must not appear: the message, the private keys and every known traffic
# secret of the session, each as it is, in hex and in base64.
{
	echo "$plain"
	for who in central peripheral; do
		grep -v -e '-----' "$T/$who/key.pem" | head -n 2
		openssl pkey -in "$T/$who/key.pem" -noout -text |
			sed -n '/^priv:/,/^pub:/p' | grep -o '[0-9a-f:]\{20,\}' |
			head -n 1
	done
	cut -d' ' -f3 "$T/known"
} | python3 "$S/tests/cli/fault-secrets-forms.py" | sort -u >"$T/secrets"
[ "$(wc -l <"$T/secrets")" -ge 40 ] || fail "too few secrets are known"
for log in serve.err connect.err; do
	[ -s "$T/$log" ] || fail "-vvv says nothing"
	grep -qiFf "$T/secrets" "$T/$log" && fail "a secret is in $log:" \
		"$(grep -iFf "$T/secrets" "$T/$log" | head -n 1)"
done
# stdout has the message in message events and nowhere else.
grep -v '"event": *"message"' "$T/serve.out" "$T/connect.out" |
	grep -iFf "$T/secrets" && fail "a secret is in an event"
exit 0
