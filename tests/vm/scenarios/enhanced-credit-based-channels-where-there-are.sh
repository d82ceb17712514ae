#!/bin/bash
# The central asks for an enhanced credit-based channel, where its kernel has
# them; if not, or if the peripheral refuses, for a plain one. Who listens takes
# both.
# time limit: 120
set -eu
. "$S/tests/vm/lib.sh"

ecred=/sys/module/bluetooth/parameters/enable_ecred
was=$(cat $ecred)
trap 'echo "$was" >$ecred' EXIT
identities

watch() # the requests from now on
{
	btmon >"$T/monitor" 2>/dev/null </dev/null &
	monitor=$!
	sleep 1
}
asked() # asked ENHANCED PLAIN: so many requests of each
{
	sleep 1
	kill "$monitor"
	wait "$monitor" || :
	# Each is seen as it is sent, and as it comes.
	[ "$(grep -c 'Enhanced Credit Connection Request' "$T/monitor") $(
		grep -c 'LE Connection Request' "$T/monitor")" = \
		"$((2 * $1)) $((2 * $2))" ] ||
		fail "$(grep Request "$T/monitor")"
}
connect()
{
	seq 300 | blesec-connect --dir phone --adapter hci0 --bearer coc \
		--psm 210 "$@" "$HCI1" >connect.json || fail "$(cat connect.json)"
}
served() # all lines of so many sessions
{
	[ "$(grep -c '"bearer":"coc","mtu":2048' serve.json)" = "$1" ]
	[ "$(grep -c '"message"' serve.json)" = $((300 * $1)) ]
}

echo Y >$ecred
serve --bearer coc </dev/null
watch
connect
asked 1 0
served 1
echo N >$ecred
watch
connect
asked 0 1
served 2
stop_serve

# Both are on this kernel, so let it be so when the central asks, but not any
# more when the peripheral comes and answers.
wait_for 10 sh -c '! hcitool con | grep -q handle'
echo Y >$ecred
watch
connect --timeout 20 &
client=$!
sleep 3
echo N >$ecred
serve --bearer coc </dev/null
expect 0 wait $client
asked 1 1
served 1
stop_serve
