#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A central that falls silent at any step, or only explores, is disconnected
# when --timeout has passed since the link came up.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

pki_ca "$T/else" Else
serve peripheral --timeout 4
attack fault-silent-central.py
good_peer_is_served
serve_ends_well
