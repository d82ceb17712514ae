#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A record of an open session that is altered, cut, repeated, left out or
# reordered on the way ends the session, and is never taken for a message.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
spawn connect true
exit_of connect 5

relay() # EDIT
{
	rm -f "$T/peer"
	spawn relay "$S/tests/lib/relay" --log "$T/log" --edit "$1" \
		"unix:$T/peer" "unix:$T/serve"
	wait_for 10 listens "$T/peer" || fail "no relay"
	before=$(events serve secured)
	closed=$(events serve closed)
	spawn connect "$B/tools/blesec-connect" --dir "$T/central" \
		--timeout 5 "unix:$T/peer"
	wait_for 5 event connect secured || fail "$1: not secured"
	wait_for 5 counted $((before + 1)) serve secured ||
		fail "$1: serve is not secured"
	sleep 0.1
}

end_relay()
{
	kill "${PID[relay]}"
	exit_of relay 5
}

# Count the records before the first message.
relay c2p:record:999:drop
c2p=$(grep -c 'c2p record' "$T/log") p2c=$(grep -c 'p2c record' "$T/log")
kill "${PID[connect]}"
exit_of connect 5
wait_for 5 counted $((closed + 1)) serve closed || fail "serve does not close"
end_relay

for action in drop dup swap truncate=30 flip flip=7; do
	relay "c2p:record:$((c2p + 1)):$action"
	say connect one two three
	exit_of connect 8 || fail "$action: connect does not end"
	[ "$ended" -eq 5 ] || fail "$action: connect exits $ended, not 5"
	wait_for 5 counted $((closed + 1)) serve closed ||
		fail "$action: serve does not close"
	event serve message text one || fail "$action: one is not heard"
	event serve message text three && fail "$action: three is heard"
	case $action in
	dup) [ "$(events serve message text two)" -eq 1 ] ||
		fail "two is heard twice" ;;
	*) [ "$(events serve message text two)" -eq "${two:-0}" ] ||
		fail "$action: two is heard" ;;
	esac
	two=$(events serve message text two)
	event connect closed reason "protocol error" ||
		fail "$action: connect does not say protocol error"
	end_relay
done

for action in drop dup swap truncate=30 flip flip=7; do
	relay "p2c:record:$((p2c + 1)):$action"
	say serve four five six
	exit_of connect 8 || fail "$action: connect does not end"
	[ "$ended" -eq 5 ] || fail "$action: connect exits $ended, not 5"
	event connect message text four || fail "$action: four is not heard"
	event connect message text six && fail "$action: six is heard"
	[ "$(events connect message text five)" -eq \
		"$([ "$action" = dup ] && echo 1 || echo 0)" ] ||
		fail "$action: five is heard wrongly"
	event connect closed reason "protocol error" ||
		fail "$action: connect does not say protocol error"
	wait_for 5 counted $((closed + 1)) serve closed ||
		fail "$action: serve does not close"
	end_relay
done
good_peer_is_served
serve_ends_well
