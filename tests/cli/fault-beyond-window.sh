#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When nothing is consumed any more, segments stop at the window, nothing is
# lost, and one beyond it ends the session.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-beyond-window.py
