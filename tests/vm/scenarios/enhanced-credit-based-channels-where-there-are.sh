#!/bin/bash
# The central asks for an enhanced credit-based channel if its kernel has them;
# if not, or if the peripheral refuses, for a plain one. A listener accepts
# both.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

ecred=/sys/module/bluetooth/parameters/enable_ecred
was=$(cat $ecred)
trap 'echo "$was" >$ecred' EXIT
identities

# requests: ENHANCED PLAIN, how many have been on the air: on CID 5, for one
# channel, codes 0x17 and 0x14; sender and receiver both record each.
requests()
{
	python3 -IS -c 'import re
text = open("/run/btsnoop", "rb").read()
print(*(len(re.findall(b"\x0e\0\5\0" + code + b".\x0a\0", text, re.S)) // 2
        for code in (b"\x17", b"\x14")))'
}
watch() # the requests from now on
{
	before=$(requests)
}
recorded() # N: so many of both since then, at least
{
	local now
	now=$(requests)
	[ $((${now% *} + ${now#* } - ${before% *} - ${before#* })) -ge "$1" ]
}
asked() # asked ENHANCED PLAIN: so many requests of each
{
	local now
	wait_for 5 recorded $(($1 + $2)) || :
	sleep 1
	now=$(requests)
	[ "$((${now% *} - ${before% *})) $((${now#* } - ${before#* }))" = \
		"$1 $2" ] || fail "requests: $before, then $now"
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

# Both sides share this kernel: enable it when the central asks, and disable it
# before the peripheral answers.
wait_for 10 no_links
echo Y >$ecred
watch
connect --timeout 20 &
client=$!
# The central decides when its socket begins to connect.
connecting()
{
	awk -v own="$HCI0" 'toupper($1) == own && $5 == 5 { found = 1 }
		END { exit !found }' /sys/kernel/debug/bluetooth/l2cap
}
wait_for 20 connecting
echo N >$ecred
serve --bearer coc </dev/null
expect 0 wait $client
asked 1 1
served 1
stop_serve
