#!/bin/bash
# Pairing works while bluetoothd runs on both adapters, and leaves bluetoothd's
# agent and settings as they were; it also works after bluetoothd has ended.
# time limit: 400
set -eu
. "$S/tests/vm/lib.sh"

for d in dbus-daemon bluetoothctl; do
	command -v $d >/dev/null || skip "no $d"
done
bluetooth_daemon
state() # what bluetoothd says of both
{
	local a
	for a in "$HCI0" "$HCI1"; do
		bluetoothctl show "$a" |
			grep -E 'Powered:|Pairable:|Discoverable:|Alias:'
	done
}
blesec-oob info hci0 | jq -e .bluetoothd >/dev/null
# bluetoothd switches the adapters on or we do, and they stay on.
for i in 0 1; do
	mgmt --index $i power on >/dev/null
done
powered() { [ "$(state | grep -c 'Powered: yes')" = 2 ]; }
wait_for 10 powered || fail "$(state)"
sleep 1
state >"$T/before"

both()
{
	swap_oob
	pair_respond "$@"
	pair_initiate "$@"
	pair_wait
	[ "$is$rs" = 00 ] || fail "$*: $(cat "$T"/[ir].err)"
	[ "$(said i paired .method)$(said r paired .method)" = ooboob ]
	[ "$(said i paired .key_size)$(said r paired .key_size)" = 1616 ]
	forget
}
both
both --bond
as_before()
{
	state >"$T/after"
	cmp "$T/before" "$T/after"
}
wait_for 5 as_before || fail "$(diff "$T/before" "$T/after")"
kill -0 "$daemon" || fail "bluetoothd has gone"
kill "$daemon"
wait "$daemon" || :
both
