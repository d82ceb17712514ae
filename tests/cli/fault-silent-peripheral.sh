#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When a peripheral falls silent, at any step, connect exits 7 when --timeout
# has passed since the link came up.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-silent-peripheral.py
