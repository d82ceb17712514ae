#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A message that is of unknown type, too long, or out of order ends the
# session, and nothing of it is printed.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral --timeout 5
attack fault-messages.py
good_peer_is_served
serve_ends_well
