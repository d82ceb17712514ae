#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A handshake record altered on the way, whichever it is, ends the handshake on
# both sides.
# takes: 30 s
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 10

try() # EDIT [SECONDS]
{
	local closed
	secured=$(events serve secured)
	closed=$(events serve closed)
	rm -f "$T/peer"
	spawn relay "$S/tests/lib/relay" --log "$T/log" --edit "$1" \
		"unix:$T/peer" "unix:$T/serve"
	wait_for 10 listens "$T/peer" || fail "no relay"
	spawn connect "$B/tools/blesec-connect" --dir "$T/central" \
		--timeout "${2:-1}" --wait 1 "unix:$T/peer"
	exit_of connect 20 || fail "$1: connect does not end"
	exits=$ended
	wait_for 15 counted $((closed + 1)) serve closed ||
		fail "$1: serve does not close"
	secured=$(($(events serve secured) - secured))
	kill "${PID[relay]}"
	exit_of relay 5
}

try c2p:record:999:drop 10
[ "$exits" -eq 0 ] || fail "undisturbed: connect exits $exits"
c2p=$(grep -c 'c2p record' "$T/log") p2c=$(grep -c 'p2c record' "$T/log")
# The last two of each are BYE and close_notify.
for edit in $(seq -f 'c2p:record:%.0f:flip' 0 $((c2p - 3))) \
	$(seq -f 'p2c:record:%.0f:flip' 0 $((p2c - 3))) \
	c2p:record:{0,1}:{drop,dup,swap,truncate=12} \
	p2c:record:{0,1,4}:{drop,dup,swap,truncate=12}; do
	try "$edit"
	case $edit:$exits in
	*:[457]) ;;
	*) fail "$edit: connect exits $exits" ;;
	esac
	case $edit in
	c2p:*)	[ "$secured" -eq 0 ] || fail "$edit: serve is secured" ;;
	p2c:*)	event connect secured && fail "$edit: connect is secured" ;;
	esac
done
good_peer_is_served
serve_ends_well
