#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A server that is killed leaves no client hanging: connect says that the link
# was lost and exits 5.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
spawn connect "$B/tools/blesec-connect" --dir "$T/central" "unix:$T/serve"
wait_for 20 event connect secured || fail "not secured"
wait_for 20 event serve secured || fail "not secured"
kill -KILL "${PID[serve]}"
exit_of serve 20
exit_of connect 20 || fail "connect stays"
[ "$ended" -eq 5 ] || fail "connect exits $ended, not 5"
event connect closed reason "link lost" || fail "connect does not say link lost"
