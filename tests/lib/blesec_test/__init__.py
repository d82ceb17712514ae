# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Python of the tests shares.

    harness     waiting, and what the tools have printed
    peer        a second implementation of blesec-protocol(7)
    toytls      TLS 1.3 that sends anything, in any order
    att         a GATT client; secured: in the channel of blesec-serve
    peripheral  a peripheral of a GATT profile, for gateways
    attack      what the attacks of tests/cli have in common
    runs        sessions of the tools with one another
    inject, intrude, intrusion
                system calls of a process that somebody has taken over
    le, mgmt    the kernel's Bluetooth

A test NAME.sh of tests/cli or tests/vm/scenarios keeps its Python in NAME.py
beside it, or in NAME-WHAT.py if there are several, and runs that with
PYTHONPATH=$S/tests/lib.  Programs that tests run are in tests/lib itself.
"""
