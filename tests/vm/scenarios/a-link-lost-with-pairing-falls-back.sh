#!/bin/bash
# A link is lost within two seconds of encryption: the central tries again with
# longer timeouts, then without pairing, or ends with status 8 if it is
# required.
# takes: 30 s
# time limit: 400
set -eu
. "$S/tests/vm/lib.sh"

identities
# Cut the link whenever both have a new key, long before the two seconds end.
"$B/tests/helpers/snoop" "$T/capture" &
serve --pair < <(exec sleep 1000)
: >"$T/connect.json"
python3 "$S/tests/vm/scenarios/a-link-lost-with-pairing-falls-back.py" \
	"$T/serve.json" "$T/connect.json" &
expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair --wait 20 \
	"$HCI1" < <(exec sleep 1000) >"$T/connect.json" 2>"$T/connect.err"
[ "$(grep -c '"secured"' "$T/connect.json")" = 3 ] ||
	fail "$(cat "$T/connect.json" "$T/connect.err")"
[ "$(grep -c '"key"' "$T/connect.json")" = 2 ]
[ "$(grep -c '"fallback"' "$T/connect.json")" = 1 ]
! grep -q '"paired"' "$T/connect.json" "$T/serve.json" || fail "paired"
[ "$(grep -c 'manufacturer 1521.*timeout of 6 s' "$T/connect.err")" = 1 ] ||
	fail "$(cat "$T/connect.err")"
expect 8 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
	--require-pairing "$HCI1" < <(exec sleep 1000) >"$T/connect.json" \
	2>"$T/connect.err"
[ "$(grep -c '"secured"' "$T/connect.json")" = 2 ] ||
	fail "$(cat "$T/connect.json" "$T/connect.err")"
! grep -q '"fallback"' "$T/connect.json" || fail "a fall-back"
# The second connection of each has the longer timeout: 600 times 10 ms.
python3 "$S/tests/vm/scenarios/a-link-lost-with-pairing-falls-back-timeouts.py" \
	"$T/capture" >"$T/timeouts"
grep -qx 600 "$T/timeouts" || fail "timeouts: $(cat "$T/timeouts")"
