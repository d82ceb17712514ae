#!/bin/bash
# After kill -9 in the middle of an exchange, the next start clears the data.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
# There are two seconds from adding the data to the end of pairing. Try again if
# they were missed.
for _ in {1..5}; do
	rm -f "$T/connect.json"
	serve --pair < <(exec sleep 1000)
	blesec-connect --dir "$T/phone" --adapter hci0 --pair "$HCI1" \
		< <(exec sleep 1000) >"$T/connect.json" &
	client=$!
	wait_for 10 holds "$T/connect.json" '"key"' || fail "no key"
	kill -9 "$client" "$server"
	wait "$client" "$server" || :
	[ ! -s /run/blesec/hci0.oob ] || break
	wait_for 15 no_links
	mgmt --index 1 clr-adv >/dev/null
	forget
done
[ -s /run/blesec/hci0.oob ] || fail "nothing was left; too late"
wait_for 15 no_links
mgmt --index 1 clr-adv >/dev/null
serve --pair </dev/null
expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair "$HCI1" \
	</dev/null >"$T/connect.json"
grep -q '"paired"' "$T/connect.json" || fail "$(cat "$T/connect.json")"
[ ! -e /run/blesec/hci0.oob ] && [ ! -e /run/blesec/hci1.oob ]
stop_serve
