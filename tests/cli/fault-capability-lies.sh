#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# READY repeats what was read in the clear: a capability, version, bearer or
# window that was changed on the way ends the session.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-capability-lies.py
good_peer_is_served
serve_ends_well
