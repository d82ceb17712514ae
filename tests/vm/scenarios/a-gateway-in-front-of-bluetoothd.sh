#!/bin/bash
# A gateway whose peripheral is bluetoothd with an application on D-Bus. Through
# it a central reads, writes short and long values, gets notifications and
# indications, and sees the advertising data; scripts/heart-rate-monitor prints
# heart rates.
# takes: 25 s
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"

/usr/bin/python3 -c 'import dbus, gi' 2>/dev/null || skip "no python3-dbus"
controllers_four
identities
both_managed() # all four, here
{
	[ "$(timeout 15 bluetoothctl list | grep -c Controller)" = 4 ]
}
# Stop bluetoothd from discovering each central's services, which costs time.
printf '%s\n' '[General]' 'ControllerMode = le' \
	'ReverseServiceDiscovery = false' >"$T/main.conf"
bluetooth_daemon -f "$T/main.conf"
"$S/tests/vm/bluez-application" hci2 600 >"$T/app" 2>&1 &
wait_for 20 holds "$T/app" ready || fail "$(cat "$T/app" "$T/bluetoothd.log")"

# bluetoothd owns ATT on all adapters of the kernel, so the centrals use a
# credit-based channel.
serve --bearer coc --gateway "hci0,$HCI2" </dev/null
wait_for 40 holds "$T/serve.json" '"state":"ready"' ||
	fail "$(cat "$T/serve.json" "$T/serve.err" "$T/bluetoothd.log")"
connect() # [OPTION...]
{
	blesec-connect --dir "$T/phone" --adapter hci3 --bearer coc --psm 210 \
		"$@" "$HCI1" >"$T/connect.json" 2>"$T/connect.err" || {
		cat "$T/connect.err" "$T/connect.json" "$T/serve.err" >&2
		return 1
	}
}
value_of() # UUID: as read
{
	jq -r "select(.event == \"read\" and .uuid == \"$1\").value" \
		"$T/connect.json" | xxd -r -p
}
own=7d0e000
rest=-1f3c-4d5a-9a60-6f2b1c7e8d90

connect --discover </dev/null
for uuid in 180d 2a37 2a38 "${own}1$rest" "${own}2$rest" "${own}3$rest" \
	92920006-08cf-48be-bf4d-1ec88ca40b88; do
	grep -q "\"uuid\":\"$uuid\"" "$T/connect.json" ||
		fail "no $uuid: $(cat "$T/connect.json")"
done

connect --read 2a38 --read "${own}2$rest" </dev/null
[ "$(value_of 2a38)" = $'\1' ]
[ "$(value_of "${own}2$rest")" = first ]
long=$(printf 'long-%.0s' {1..60})
connect --write "${own}2$rest=text:$long" --read "${own}2$rest" </dev/null
[ "$(value_of "${own}2$rest")" = "$long" ] || fail "$(cat "$T/connect.json")"
grep -q "written $(printf %s "$long" | xxd -p | tr -d '\n')" "$T/app"

# What is advertised, as AD structures: the service, the name.
connect --read 92920006-08cf-48be-bf4d-1ec88ca40b88 </dev/null
advertised=$(value_of 92920006-08cf-48be-bf4d-1ec88ca40b88 | xxd -p | tr -d '\n')
[[ $advertised == *03030d18* ]] || fail "advertised: $advertised"
[[ $advertised == *"$(printf 'bluez heart' | xxd -p)"* ]] ||
	fail "advertised: $advertised"

# Notified and indicated, one after another; an indication has to be confirmed
# before the next, and they are fewer.
connect --count 60 --notify 2a37 --indicate "${own}3$rest" </dev/null
for event in notification indication; do
	[ "$(grep -c "\"$event\"" "$T/connect.json")" -ge 5 ] ||
		fail "$event: $(cat "$T/connect.json")"
done
jq -r 'select(.event == "notification").decoded.rate_bpm' "$T/connect.json" |
	awk 'NR > 1 && $1 != (last == 180 ? 60 : last + 1) { exit 1 }
	     { last = $1 }' || fail "not in order: $(cat "$T/connect.json")"
wait_for 10 holds "$T/app" "does not notify 2a37" || fail "$(cat "$T/app")"

timeout 120 heart-rate-monitor --dir "$T/phone" --adapter hci3 --bearer coc \
	--psm 210 --count 5 "$HCI1" >"$T/monitor"
[ "$(awk -F '\t' '$2 >= 60 && $2 <= 180' "$T/monitor" | wc -l)" = 5 ] ||
	fail "$(cat "$T/monitor")"
kill -0 "$daemon" || fail "bluetoothd has gone"
expect 0 stop_serve
