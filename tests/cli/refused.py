# SPDX-License-Identifier: GPL-3.0-or-later
"""refused.py ALERT[,ALERT...] IDENTITY...: each of these is refused, by
blesec-serve and by blesec-connect, with one of these alerts."""

import sys

from blesec_test.attack import central_is_refused, peripheral_is_refused

alerts = [int(number) for number in sys.argv[1].split(",")]
assert sys.argv[2:]
for name in sys.argv[2:]:
    central_is_refused(name, *alerts)
    peripheral_is_refused(name, *alerts)
