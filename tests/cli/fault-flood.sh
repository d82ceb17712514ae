#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# 300 connections send garbage. A good peer is served throughout and a new one
# afterwards, and nothing is left of the 300.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 10
children() # of serve
{
	pgrep -c -P "${PID[serve]}"
}
descriptors()
{
	find "/proc/${PID[serve]}/fd" -mindepth 1 | wc -l
}
alone()
{
	[ "$(children)" = 1 ]
}
good_peer_is_served
wait_for 10 alone || fail "$(children) processes without a peer"
before=$(children) files=$(descriptors)
attack fault-flood.py
settled()
{
	[ "$(children)" -le "$before" ] && [ "$(descriptors)" -le "$files" ]
}
wait_for 20 settled || fail "left: $(children) processes of $before," \
	"$(descriptors) descriptors of $files"
serve_ends_well
