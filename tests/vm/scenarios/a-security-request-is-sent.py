import os
import sys
import time

from blesec_test import le, mgmt
from blesec_test.att import Att

A, B = os.environ["HCI0"], os.environ["HCI1"]
way, uuid, error = sys.argv[1], sys.argv[2], int(sys.argv[3], 16)
people = mgmt.People()
if way in ("works", "weak"):
    people.can(mgmt.NOTHING, mgmt.NOTHING, True)
elif way in ("compare", "silent"):
    people.can(mgmt.DISPLAY_YES_NO, mgmt.DISPLAY_YES_NO, True)
elif way == "refuse":
    people.can(mgmt.NOTHING, mgmt.NOTHING, True)
    people.command(mgmt.SET_BONDABLE, 0, b"\0")
sock = le.connect(A, B)
att = Att(sock)
handles = {c.uuid: c.value for c in att.discover()}
assert att.read(handles["2a1b"]) == b"free"
# What no encryption will help with is no reason to ask.
assert att.code(att.write, handles["2a1b"], b"x") == 0x08
try:
    assert att.code(att.read, handles[uuid]) == error
except (PermissionError, ConnectionError, EOFError):
    # The link may end before the answer is read.
    assert way in ("refuse", "weak"), way
    sock.close()
    people.forget(A, B)
    sys.exit()
if way in ("key", "works", "compare"):
    # What the kernel says here is no more than was asked for.
    people.watch(sock, le.MEDIUM, 30)
    assert att.read(handles["2a19"]) == bytes([42])
    assert att.code(att.read, handles["2a1a"]) == (5 if way == "works" else 0)
    assert att.read(handles["2a1b"]) == b"free"
elif way == "none":
    assert list(people.pump(2)) is not None
    assert att.code(att.read, handles[uuid]) == error
    assert le.security(sock)[0] == le.OPEN
else:
    # It is of no more use, and comes to an end.
    began = time.monotonic()
    gone = None
    try:
        att.seconds = 60
        while time.monotonic() < began + 60:
            assert att.code(att.read, handles[uuid]) == error
            time.sleep(0.1)
    except (EOFError, OSError) as err:
        gone = err
    took = time.monotonic() - began
    assert gone is not None, took
    # The kernel's time for each step of pairing is 30 s.
    assert took < 25 if way != "silent" else 20 < took < 60, took
sock.close()
if way != "key":
    people.forget(A, B)
