#!/bin/bash
# A gateway in front of scripts/heart-rate-peripheral, served on the link: its
# whole database, its advertising data, heart rates. The heart rates resume
# without help after the peripheral or its controller was switched off or
# killed; with check --long, also after the controller was unplugged. (One
# adapter cannot serve both sides: btvirt 5.66 gives the second link of a
# controller the handle of the first.)
# takes: 30 s
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"

controllers_four
identities
# The peripheral's database, on the link instead of in the channel.
sed 's/{"appearance"/{"expose": "link", "appearance"/' \
	"$S/scripts/heart-rate-peripheral" >"$T/peripheral"
grep -q '"expose": "link"' "$T/peripheral"
plug()
{
	rm -f "$T/peripheral.json"
	setsid bash "$T/peripheral" --dir "$T/phone" hci2 \
		>"$T/peripheral.json" 2>"$T/peripheral.err" </dev/null &
	peripheral=$!
	wait_for 20 holds "$T/peripheral.json" '"listening"' ||
		fail "$(cat "$T/peripheral.err")"
}
unplug()
{
	kill -- "-$peripheral"
	wait "$peripheral" || :
}
times() # STATE: of the peripheral, as the gateway told
{
	grep -c "\"state\":\"$1\"" "$T/serve.json"
}
told() # N STATE
{
	[ "$(times "$2")" -ge "$1" ]
}
connect() # [OPTION...]
{
	blesec-connect --dir "$T/phone" --adapter hci3 "$@" "$HCI1" \
		>"$T/connect.json" 2>"$T/connect.err" </dev/null ||
		fail "$*: $(cat "$T/connect.err" "$T/connect.json" "$T/serve.err")"
}

plug
serve --gateway "hci0,$HCI2" </dev/null
wait_for 40 told 1 ready || fail "$(cat "$T/serve.json" "$T/serve.err")"
connect --discover
for uuid in 180d 2a37 2902 2a38 2a39 180f 2a19 180a 2a29 2a24 2a00 2a01 \
	92920001 92920002 92920003 92920004 92920005 92920006; do
	grep -q "\"uuid\":\"$uuid" "$T/connect.json" ||
		fail "no $uuid: $(cat "$T/connect.json")"
done
connect --read 2a19 --read 2a24 --read 2a01 --write 2a39=hex:01 \
	--read 92920006-08cf-48be-bf4d-1ec88ca40b88
for value in 57 "$(printf 'simulated heart' | xxd -p)" 4103; do
	grep -q "\"value\":\"$value\"" "$T/connect.json" ||
		fail "no $value: $(cat "$T/connect.json")"
done
# The name, appearance and services that it advertises.
advertised=$(jq -r 'select(.uuid == "92920006-08cf-48be-bf4d-1ec88ca40b88" and
	.event == "read").value' "$T/connect.json")
for part in "$(printf 'phone-1' | xxd -p)" 03194103 0d18; do
	[[ $advertised == *$part* ]] || fail "no $part: $advertised"
done

# Without power the peripheral ends, so start it again.
power_on()
{
	mgmt --index 2 power on >/dev/null
	kill -- "-$peripheral" 2>/dev/null || :
	wait "$peripheral" || :
	plug
}

# Heart rates come back after the program or the controller was lost.
blesec-connect --dir "$T/phone" --adapter hci3 --notify 2a37 "$HCI1" \
	</dev/null >"$T/rates.json" 2>"$T/rates.err" &
client=$!
more() # are notified than at first
{
	[ "$(grep -c '"notification"' "$T/rates.json")" -ge $((had + $1)) ]
}
rates()
{
	had=$(grep -c '"notification"' "$T/rates.json") || :
	wait_for 20 more 2 ||
		fail "no rates, $1: $(cat "$T/rates.json" "$T/serve.json")"
}
rates "at first"
rounds=(2 3)
[ -z "${BLESEC_LONG:-}" ] || rounds=(1 2 3)
for round in "${rounds[@]}"; do
	ready=$(times ready)
	case $round in
	1) unplug; how=plug ;;
	2) mgmt --index 2 power off >/dev/null; how=power_on ;;
	3)
		# Without a goodbye: the kernel ends a killed program's link.
		kill -9 -- "-$peripheral"
		wait "$peripheral" || :
		how=plug
		;;
	esac
	wait_for 30 told $((ready)) gone ||
		fail "round $round: not gone: $(cat "$T/serve.json")"
	sleep 1
	$how
	wait_for 60 told $((ready + 1)) ready ||
		fail "round $round: $(cat "$T/serve.json" "$T/serve.err" \
			"$T/peripheral.err")"
	rates "round $round"
done
[ "$(grep -c '"connected":false' "$T/rates.json")" -ge ${#rounds[@]} ]
# A central that vanishes is noticed when the kernel ends its link.
closed=$(grep -c '"closed"' "$T/serve.json")
kill -9 "$client"
wait "$client" || :
gone()
{
	[ "$(grep -c '"closed"' "$T/serve.json")" -gt "$closed" ]
}
wait_for 10 gone || fail "the central is not gone: $(cat "$T/serve.json")"
expect 0 stop_serve
unplug
