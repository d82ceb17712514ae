#!/bin/bash
# kill -9 in the midst of an exchange: at the next start the data is cleared.
# time limit: 90
set -eu
. "$S/tests/vm/lib.sh"

identities
serve --pair < <(exec sleep 100)
blesec-connect --dir "$T/phone" --adapter hci0 --pair "$HCI1" \
	< <(exec sleep 100) >"$T/connect.json" &
client=$!
# Between the data being added and the pairing being good: two seconds.
wait_for 10 grep -q '"key"' "$T/connect.json" || fail "no key"
kill -9 "$client" "$server"
wait "$client" "$server" || :
[ -s /run/blesec/hci0.oob ] || fail "nothing was left; too late"
wait_for 15 sh -c '! hcitool con | grep -q handle'
mgmt --index 1 clr-adv >/dev/null
serve --pair </dev/null
expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair "$HCI1" \
	</dev/null >"$T/connect.json"
grep -q '"paired"' "$T/connect.json" || fail "$(cat "$T/connect.json")"
[ ! -e /run/blesec/hci0.oob ] && [ ! -e /run/blesec/hci1.oob ]
stop_serve
