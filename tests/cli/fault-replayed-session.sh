#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Replaying everything that a good central once sent opens no session and
# delivers no message.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
spawn relay "$S/tests/lib/relay" --log "$T/log" "unix:$T/peer" \
	"unix:$T/serve"
wait_for 10 listens "$T/peer" || fail "no relay"
"$S/tests/lib/blesec_peer.py" central "unix:$T/peer" "$T/central" \
	--send secret-order --count 0 >"$T/good.out" || fail "no good session"
wait_for 20 event serve message text secret-order || fail "not heard"
wait_for 20 event serve closed || fail "not closed"

attack fault-replayed-session.py
good_peer_is_served
serve_ends_well
