import sys

from blesec_test import mgmt

people = mgmt.People()
people.can(mgmt.DISPLAY_YES_NO, mgmt.DISPLAY_YES_NO, True)
people.command(mgmt.SET_DEBUG_KEYS, 1, bytes([int(sys.argv[1])]))
people.command(mgmt.SET_ADVERTISING, 1, b"\2")
print("ready", flush=True)
# Only for the peer: hci0 answers for itself.
for _ in people.pump(600):
    pass
