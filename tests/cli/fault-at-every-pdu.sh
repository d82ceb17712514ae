#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# At each PDU of a session, from the first of the handshake to the last of the
# goodbye, either way: the link is cut, an end is killed, an end is stopped and
# goes on. The other end tells it in time, with its status; what was taken was
# taken once and in order, whoever exits 0 has had all; the next session is
# good, and nothing is left of this one.
# takes: 25 s
# time limit: 120
DEADLINE=${BLESEC_LONG:+1100}
DEADLINE=${DEADLINE:-110}
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-at-every-pdu.py
cat "$T/attack.out"
