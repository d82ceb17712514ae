#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Segments that are repeated, left out, reordered or cut on the way end the
# session at once, in both directions, before and after it is secured.
# takes: 20 s
# time limit: 200
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 10

secured_or_gone()
{
	event connect secured || gone connect
}

try() # EDIT
{
	local edit=$1 closed word
	closed=$(events serve closed)
	rm -f "$T/peer"
	spawn relay "$S/tests/lib/relay" --edit "$edit" \
		"unix:$T/peer" "unix:$T/serve"
	wait_for 10 listens "$T/peer" || fail "no relay"
	spawn connect "$B/tools/blesec-connect" --dir "$T/central" \
		--timeout 10 "unix:$T/peer"
	# For the edits that come after the handshake.
	wait_for 20 secured_or_gone
	if event connect secured; then
		# Each in a segment of its own, or some in one: until it is harmed.
		for ((word = 0; word < 300; word++)); do
			! gone connect || break
			say connect "word $word"
			say serve "word $word"
			sleep 0.03
		done
	fi
	exit_of connect 20 || fail "$edit: connect does not end"
	[ "$ended" -eq 5 ] || fail "$edit: connect exits $ended, not 5"
	wait_for 20 counted $((closed + 1)) serve closed ||
		fail "$edit: serve does not close"
	case $edit in
	c2p:*)	event serve closed reason "protocol error" ||
			fail "$edit: serve does not say protocol error" ;;
	p2c:*)	event connect closed reason "protocol error" ||
			fail "$edit: connect does not say protocol error" ;;
	esac
	kill "${PID[relay]}"
	exit_of relay 5
}

for edit in c2p:segment:{0,1}:dup c2p:segment:0:truncate=3 \
	c2p:segment:{5,6}:{dup,drop,swap,truncate=4,flip=3} \
	p2c:segment:{0,1}:dup p2c:segment:0:truncate=3 \
	p2c:segment:{5,6}:{dup,drop,swap,truncate=4,flip=3}; do
	try "$edit"
done
good_peer_is_served
serve_ends_well
