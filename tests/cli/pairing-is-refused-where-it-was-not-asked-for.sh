#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An offer to pair is refused by who was not told to pair, and the session goes
# on; a malformed message of pairing ends it; others are not heard.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack <<'PY'
from attack import *  # noqa

OOB = 3
OFFER = bytes([1]) + bytes(41)

for make in secured, lambda: secured_server()[1]:
    peer = make()
    peer.send_message(OOB, OFFER)
    assert peer.receive_message() == (OOB, bytes([4, 1]))
    for unasked in bytes([2]), bytes([3, 0]), bytes([4, 1]), bytes([4, 255]):
        peer.send_message(OOB, unasked)
    peer.send_message(OOB, OFFER)
    assert peer.receive_message() == (OOB, bytes([4, 1]))
    peer.bye()

for body in (b"", b"\0", b"\1", OFFER[:-1], OFFER + b"\0", b"\2\0", b"\3",
             b"\3\0\0", b"\4", b"\5", b"\xff", bytes(65536)):
    said = Said()
    peer = secured()
    peer.send_message(OOB, body)
    ends(peer)
    said.closed("protocol error")

# Not before READY.
said = Said()
peer = shaken()
peer.send_message(OOB, OFFER)
ends(peer)
said.closed("protocol error")
PY

for options in '--pair' '--pair --bond --require-pairing'; do
	# shellcheck disable=SC2086
	for tool in "serve --dir $T/peripheral" "connect --dir $T/central"; do
		status=0
		# shellcheck disable=SC2086
		"$B/tools/blesec-"$tool $options "unix:$T/x" 2>"$T/err" ||
			status=$?
		[ "$status" = 2 ] || fail "$tool $options: $status"
		grep -q 'for Bluetooth' "$T/err" || fail "$(cat "$T/err")"
	done
done
for option in --bond --require-pairing --then-plain; do
	status=0
	"$B/tools/blesec-connect" $option "unix:$T/x" 2>"$T/err" || status=$?
	[ "$status" = 2 ] || fail "$option: $status"
	grep -q -- "$option is of no use without --pair" "$T/err" ||
		fail "$(cat "$T/err")"
done
good_peer_is_served
serve_ends_well
