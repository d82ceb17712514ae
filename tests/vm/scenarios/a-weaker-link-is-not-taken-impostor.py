import os
import sys

from blesec_test import le
from blesec_test.att import Att
from blesec_test.harness import eventually

att = Att(le.connect(os.environ["HCI0"], os.environ["HCI1"]))
by = {c.uuid: c.value for c in att.discover()}
assert att.read(by["2a1b"]) == b"free"
if sys.argv[1] == "key":
    le.set_security(att.sock, le.MEDIUM)
    eventually("encrypted",
               lambda: le.security(att.sock)[0] >= le.MEDIUM)
    assert att.read(by["2a19"]) == bytes([42])
else:
    code = att.code(att.read, by["2a19"])
    assert code in (0x05, 0x0f), code
    assert le.security(att.sock)[0] == le.OPEN
