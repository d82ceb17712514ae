#!/bin/bash
# --bearer coc and auto: the central finds the channel by the capability, at a
# given PSM, and beside bluetoothd, which owns ATT. Nothing is lost while the
# receiver sleeps. A peripheral without one is reported, or used over ATT.
# takes: 40 s
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"

identities
connect() # [OPTION...]
{
	blesec-connect --dir "$T/phone" --adapter hci0 "$@" "$HCI1" \
		>"$T/connect.json" 2>"$T/connect.err"
}
bearers() # both have used it
{
	[ "$(jq -r 'select(.event == "connected").bearer' "$T/connect.json")" = "$1" ] ||
		fail "connect: $(cat "$T/connect.json")"
	[ "$(jq -r 'select(.event == "connected").bearer' "$T/serve.json" |
		tail -n 1)" = "$1" ] || fail "serve: $(cat "$T/serve.json")"
}

serve --bearer auto </dev/null
for bearer in auto coc att; do
	seq 100 | expect 0 connect --bearer $bearer
	bearers ${bearer/auto/coc}
done
[ "$(jq -r 'select(.event == "message").json' "$T/serve.json" | wc -l)" = 300 ]
[ "$(grep -c '"bearer":"coc","mtu":2048' "$T/serve.json")" = 2 ]
all_closed()
{
	[ "$(grep -c '"connected"' "$T/serve.json")" = \
		"$(grep -c '"closed"' "$T/serve.json")" ]
}
wait_for 5 all_closed
expect 5 connect --bearer coc --psm 200 </dev/null
grep -q 'at its PSM' "$T/connect.err" || fail "$(cat "$T/connect.err")"
stop_serve

serve --bearer coc --psm 200 </dev/null
expect 0 connect --bearer coc --psm 200 </dev/null
bearers coc
stop_serve

serve </dev/null
expect 0 connect --bearer auto </dev/null
bearers att
expect 5 connect --bearer coc </dev/null
grep -q 'offers no LE credit-based channel' "$T/connect.err" ||
	fail "$(cat "$T/connect.err")"
stop_serve

# Each end sleeps in turn during a stream larger than all buffers on the way.
octets=1000000
[ -z "${BLESEC_LONG:-}" ] || octets=3000000
head -c $octets /dev/urandom >"$T/file"
feed() # most of it when somebody is asleep, however fast it goes
{
	head -c 100000 "$T/file"
	until [ -e "$T/asleep" ]; do sleep 0.05; done
	tail -c +100001 "$T/file"
}
for sleeper in blesec-serve blesec-connect; do
	rm -f "$T/asleep" "$T/there" "$T/back"
	blesec-serve --dir "$T/sensor" --raw --bearer coc hci1 \
		< <(feed) >"$T/there" 2>"$T/serve.err" &
	server=$!
	sleep 1
	blesec-connect --dir "$T/phone" --adapter hci0 --raw --bearer coc \
		--psm 210 "$HCI1" < <(feed) >"$T/back" &
	client=$!
	wait_for 10 test -s "$T/back"
	mapfile -t pids < <(pgrep -x $sleeper; pgrep -P "$(pgrep -x $sleeper)")
	kill -STOP "${pids[@]}"
	touch "$T/asleep"
	sleep 5
	kill -CONT "${pids[@]}"
	expect 0 wait "$client"
	expect 0 wait "$server"
	cmp "$T/there" "$T/file" || fail "there, while $sleeper slept"
	cmp "$T/back" "$T/file" || fail "back, while $sleeper slept"
done

# Pairing over that channel, too.
serve --bearer coc --pair </dev/null
expect 0 connect --bearer coc --psm 210 --pair --require-pairing </dev/null
bearers coc
grep -q '"paired"' "$T/connect.json"
stop_serve
forget

# bluetoothd owns ATT.
printf '[General]\nControllerMode = le\n' >"$T/main.conf"
bluetooth_daemon -f "$T/main.conf"
serve --bearer auto </dev/null
grep -q 'bluetoothd is running' "$T/serve.err" || fail "$(cat "$T/serve.err")"
stop_serve
serve --bearer coc </dev/null
! grep -q 'bluetoothd is running' "$T/serve.err" || fail "$(cat "$T/serve.err")"
echo hello | expect 0 connect --bearer coc --psm 210
bearers coc
echo hello | expect 0 connect --bearer coc
bearers coc
stop_serve
