#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A good certificate without its key is worth nothing: its owner's name cannot
# be borrowed, neither by a stranger nor by another of the same CA.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity insider ca
serve peripheral
attack <<'PY'
from attack import central_is_refused, peripheral_is_refused
central_is_refused("central", 51, key="insider")
peripheral_is_refused("peripheral", 51, key="insider",
                      end=(5, "protocol error"))
PY
good_peer_is_served
serve_ends_well
