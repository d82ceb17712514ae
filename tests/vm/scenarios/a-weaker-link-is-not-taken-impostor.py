import os
import sys
import time

from blesec_test import le
from blesec_test.att import Att

att = Att(le.connect(os.environ["HCI0"], os.environ["HCI1"]))
by = {c.uuid: c.value for c in att.discover()}
assert att.read(by["2a1b"]) == b"free"
if sys.argv[1] == "key":
    le.set_security(att.sock, le.MEDIUM)
    while le.security(att.sock)[0] < le.MEDIUM:
        time.sleep(0.05)
    assert att.read(by["2a19"]) == bytes([42])
else:
    code = att.code(att.read, by["2a19"])
    assert code in (0x05, 0x0f), code
    assert le.security(att.sock)[0] == le.OPEN
