#!/bin/bash
# Pair and disconnect, by hand and over the channel, time and again: 5 times
# each, with check --long 100 times.
# time limit: 1500
# only with --long: it repeats what vm/out-of-band-pairing-is-checked-on-both-sides and vm/pairing-over-the-channel do
set -eu
. "$S/tests/vm/lib.sh"

times=5
[ -z "${BLESEC_LONG:-}" ] || times=100
identities
for ((n = 1; n <= times; n++)); do
	swap_oob
	pair_respond
	pair_initiate
	pair_wait
	[ "$is$rs" = 00 ] || fail "by hand, $n: $(cat "$T"/[ir].err)"
	[ "$(said i paired .level)" = 4 ] || fail "$n: $(cat "$T/i.json")"
	blesec-oob unpair hci0 "$HCI1"
	blesec-oob unpair hci1 "$HCI0" 2>/dev/null || :
	wait_for 10 no_links ||
		fail "by hand, $n: still connected"
done
serve --pair --require-pairing </dev/null
for ((n = 1; n <= times; n++)); do
	expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
		--require-pairing "$HCI1" </dev/null >"$T/connect.json" \
		2>"$T/connect.err"
	grep -q '"paired"' "$T/connect.json" ||
		fail "over the channel, $n: $(cat "$T/connect.json")"
	wait_for 10 no_links ||
		fail "over the channel, $n: still connected"
done
[ "$(grep -c '"paired"' "$T/serve.json")" = "$times" ]
stop_serve
