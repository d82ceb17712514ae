#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A tool that was not told to pair refuses an offer to pair, and the session
# goes on. A malformed pairing message ends it; other messages are ignored.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack pairing-is-refused-where-it-was-not-asked-for.py

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
	grep -q -- "$option needs --pair" "$T/err" ||
		fail "$(cat "$T/err")"
done
good_peer_is_served
serve_ends_well
