#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The system clock is set forward and back while sessions run. No deadline
# follows it, sessions stay open, events carry the new time, and a certificate
# is checked against it when the next session begins.
# takes: 33 s
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-clock-steps.py
