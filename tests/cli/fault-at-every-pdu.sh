#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# At each PDU of a session, from the first of the handshake to the last of the
# goodbye, in either direction: cut the link, kill an end, or stop an end and
# let it go on. The other end reports it in time, with its exit status.
# Messages arrive once and in order, and an end that exits 0 has received them
# all. The next session works, and nothing is left of this one.
# takes: 25 s
# time limit: 120
DEADLINE=${BLESEC_LONG:+1100}
DEADLINE=${DEADLINE:-110}
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"

attack fault-at-every-pdu.py
cat "$T/attack.out"
