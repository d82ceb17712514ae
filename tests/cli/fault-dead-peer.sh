#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Both tools give up a secured peer that says nothing for 30 seconds, but not
# one that is idle and alive.
# takes: 47 s
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

serve peripheral
attack fault-dead-peer.py
serve_ends_well
