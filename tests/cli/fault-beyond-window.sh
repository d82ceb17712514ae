#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# When nothing reads the output any more, segments stop at the window and
# nothing is lost; a segment beyond the window ends the session.
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-beyond-window.py
