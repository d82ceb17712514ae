#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A tool exits 0 only if it knows that the peer has taken everything that it
# was sent.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack goodbyes-are-answered-and-counted.py
good_peer_is_served
serve_ends_well
