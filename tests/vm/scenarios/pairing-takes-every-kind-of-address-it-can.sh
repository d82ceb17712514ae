#!/bin/bash
# Static random addresses pair, by hand and over the channel; an adapter with
# privacy is refused with a message that says what to do.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
static=C0:AA:01:01:00:77
mgmt --index 1 power off >/dev/null
mgmt --index 1 le on >/dev/null
mgmt --index 1 bredr off >/dev/null
mgmt --index 1 static-addr $static >/dev/null
blesec-oob read hci1 >"$T/b"
[ "$(jq -r '.address + "," + .type' "$T/b")" = $static,random ] ||
	fail "$(cat "$T/b")"
blesec-oob read hci0 | blesec-oob add hci1
blesec-oob add hci0 "$T/b"
pair_respond
HCI1=$static,random pair_initiate
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
[ "$(said i paired .type)$(said i paired .level)" = random4 ]
blesec-oob unpair hci0 $static,random
wait_for 10 no_links

serve --pair </dev/null
expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
	--peer-name sensor-7 $static,random </dev/null >"$T/connect.json"
grep '"paired"' "$T/connect.json" | grep -q '"level":4' ||
	fail "$(cat "$T/connect.json")"
stop_serve

mgmt --index 0 power off >/dev/null
mgmt --index 0 privacy on >/dev/null
expect 8 blesec-oob read hci0 2>"$T/err"
grep -q 'privacy is on' "$T/err" && grep -q 'btmgmt privacy off' "$T/err"
[ "$(blesec-oob info hci0 | jq -r '.oob, .help' | paste -sd' ')" = \
	"false btmgmt privacy off, while it is off" ]
serve --pair </dev/null
expect 8 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
	--require-pairing --peer-name sensor-7 $static,random </dev/null \
	>"$T/connect.json" 2>"$T/err"
grep -q 'privacy is on' "$T/err" || fail "$(cat "$T/err")"
stop_serve
