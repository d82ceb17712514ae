import struct
from blesec_test.att import Att, CONFIGURATION
from blesec_test.secured import Secured

OWN = "9292000508cf48bebf4d1ec88ca40b88"
plain = Att.unix("peripheral")
plain.exchange_mtu()
gate = Secured("phone", "link")
all_of = {c.uuid: c for c in plain.discover()}
seen = {c.uuid: c for c in gate.discover()}
mine = lambda n: f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"


def tell(line):
    print(line, flush=True, file=open("lines", "w"))
