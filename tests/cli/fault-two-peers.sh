#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sessions are separate: a second peer neither resets the first nor gets its
# data, and a bad peer harms nobody.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

identity other ca
pki_ca "$T/else" Else
identity stranger else
serve peripheral --timeout 5
attack fault-two-peers.py
serve_ends_well
