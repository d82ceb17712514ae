#!/bin/bash
# The adapter is switched off, blocked by rfkill, or unplugged while it
# advertises, is connected, pairs, scans or connects. blesec-serve goes on when
# the adapter is on again, or ends with status 5 when it is gone; blesec-connect
# ends with status 5 or 7. Neither hangs, and the next session works. One way
# for each state; with check --long, all three.
# takes: 35 s
# time limit: 1200
set -eu
. "$S/tests/vm/lib.sh"

identities
rfkill() # 0|1: struct rfkill_event: all of Bluetooth, change all
{
	python3 -c '
import struct, sys
with open("/dev/rfkill", "wb", buffering=0) as rfkill:
    rfkill.write(struct.pack("<IBBBB", 0, 2, 3, int(sys.argv[1]), 0))' "$1"
}
lose() # HOW ADAPTER
{
	case $1 in
	off) mgmt --index "$2" power off >/dev/null ;;
	blocked) rfkill 1 ;;
	removed) controllers_down ;;
	esac
}
restore()
{
	case $1 in
	off) mgmt --index "$2" power on >/dev/null ;;
	blocked)
		rfkill 0
		mgmt --index "$2" power on >/dev/null
		;;
	removed) controllers_up ;;
	esac
}
# ends SECONDS PID NAME STATUS...: it ends in time with one of these statuses.
ends()
{
	local status=0 within=$1 pid=$2 name=$3
	shift 3
	wait_for "$within" ended "$pid" || fail "$state, $how: $name hangs"
	wait "$pid" || status=$?
	[[ " $* " == *" $status "* ]] ||
		fail "$state, $how: $name: status $status: $(tail -n 3 \
			connect.json connect.err serve.json serve.err)"
}
connect() # [OPTION...]: in the background, and it does not end by itself
{
	rm -f connect.json
	blesec-connect --dir phone --adapter hci0 "$@" < <(exec sleep 2000) \
		>connect.json 2>connect.err &
	client=$!
}
next_is_good()
{
	wait_for 10 no_links
	expect 0 timeout 100 blesec-connect --dir phone --adapter hci0 --wait 1 \
		"$HCI1" </dev/null >next.json 2>next.err
}

ways() # WAY: that one, or all
{
	if [ -n "${BLESEC_LONG:-}" ]; then set -- off blocked removed; fi
	echo "$@"
}

for state in advertising,off connected,removed pairing,blocked; do
	ways=$(ways "${state#*,}")
	state=${state%,*}
	for how in $ways; do
		echo "$state, $how, after $SECONDS s"
		options=()
		[ "$state" != pairing ] || options=(--pair)
		serve "${options[@]}" < <(exec sleep 2000)
		client=
		if [ "$state" != advertising ]; then
			connect --connect-timeout 25 "${options[@]}" "$HCI1"
			wait_for 30 holds serve.json '"secured"'
			[ "$state" = connected ] ||
				wait_for 20 holds connect.json '"key"'
		fi
		lose "$how" 1
		[ -z "$client" ] || ends 60 "$client" connect 5 7
		if [ "$how" = removed ]; then
			ends 20 "$server" serve 5
			grep -q 'hci1 has gone' serve.err
			restore "$how" 1
			continue
		fi
		wait_for 10 holds serve.err 'hci1 has been switched off' ||
			fail "$state, $how: $(cat serve.err)"
		restore "$how" 1
		next_is_good || fail "$state, $how: $(cat next.err serve.err)"
		expect 0 stop_serve
		# Somebody has switched it on.
		hciconfig hci1 | grep -q 'UP' || fail "$state, $how: it is off"
		forget
	done
done

for state in scanning,blocked connecting,removed; do
	ways=$(ways "${state#*,}")
	state=${state%,*}
	for how in $ways; do
		echo "$state, $how, after $SECONDS s"
		peer=$HCI1
		[ "$state" = connecting ] || peer=name:nobody
		connect --connect-timeout 8 "$peer"
		wait_for 10 sh -c "hciconfig hci0 | grep -q UP"
		sleep 1
		lose "$how" 0
		ends 20 "$client" connect 5 7
		[ -s connect.err ] || fail "$state, $how: it says nothing"
		restore "$how" 0
	done
done
serve </dev/null
next_is_good
expect 0 stop_serve
