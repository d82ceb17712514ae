#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The clock of the day is set, forward and back, while sessions run: no deadline
# follows it, sessions stay, what is told has the new time, and a certificate is
# judged by it when the next session begins.
# takes: 33 s
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-clock-steps.py
