#!/bin/bash
# A link that is lost within two seconds of encryption: once more with longer
# timeouts, then without pairing, or status 8 if it is required.
# time limit: 150
set -eu
. "$S/tests/vm/lib.sh"

identities
# Cut the link as often as there is a new key.
cut()
{
	local seen=0 now handle
	while sleep 0.1; do
		now=$(grep -c '"key"' "$T/serve.json") || :
		[ "$now" -gt "$seen" ] || continue
		seen=$now
		handle=$(hcitool con | sed -n 's/.*handle \([0-9]*\).*/\1/p')
		hcitool -i hci0 ledc "$handle" || :
	done
}
"$B/tests/helpers/snoop" "$T/capture" &
serve --pair < <(exec sleep 200)
cut &
expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair --wait 12 \
	"$HCI1" < <(sleep 60) >"$T/connect.json" 2>"$T/connect.err"
[ "$(grep -c '"secured"' "$T/connect.json")" = 3 ] ||
	fail "$(cat "$T/connect.json" "$T/connect.err")"
[ "$(grep -c '"key"' "$T/connect.json")" = 2 ]
[ "$(grep -c '"fallback"' "$T/connect.json")" = 1 ]
! grep -q '"paired"' "$T/connect.json" "$T/serve.json" || fail "paired"
[ "$(grep -c 'manufacturer 1521.*timeout of 6 s' "$T/connect.err")" = 1 ] ||
	fail "$(cat "$T/connect.err")"
expect 8 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
	--require-pairing "$HCI1" < <(sleep 60) >"$T/connect.json" \
	2>"$T/connect.err"
[ "$(grep -c '"secured"' "$T/connect.json")" = 2 ] ||
	fail "$(cat "$T/connect.json" "$T/connect.err")"
! grep -q '"fallback"' "$T/connect.json" || fail "a fall-back"
# The second connection of each has the longer timeout: 600 times 10 ms.
tshark -r "$T/capture" -Y bthci_evt.le_supv_timeout -T fields \
	-e bthci_evt.le_supv_timeout >"$T/timeouts" 2>/dev/null || :
grep -q 600 "$T/timeouts" || fail "timeouts: $(cat "$T/timeouts")"
