import subprocess
import sys
import time

from blesec_test.att import CONFIGURATION, Att

att = Att.unix("link")
plain = att.discover()
by = {c.uuid: c for c in plain}


def own(n):
    return by[f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"]


# First comes the profile, then the tunnel.
assert [s[0] for s in att.services()][:3] == ["1800", "1801", "180d"]
assert att.read(by["2a38"].value) == b"\x01"
assert att.read(own(3).value) == b"of a file"
assert att.read(by["2a8a"].value) == b"you"
att.write(own(5).value, b"anything")
assert att.code(att.write, own(2).value, b"x") == 0x05
assert att.code(att.read, own(2).value) == 0x08
assert att.code(att.write, own(4).value, b"x") == 0x03
assert att.code(att.write, by["2a37"].descriptors[CONFIGURATION],
                b"\1\0") == 0x05
assert att.code(att.read, 0x7777) == 0x01
# A signed write is ignored, since there is no key to check it with.
att.send(b"\xd2" + own(4).value.to_bytes(2, "little") + b"x" + bytes(12))
assert att.read(own(4).value) == bytes([1, 2, 3])
# Still served and notified after the time limit for the handshake.
level = by["2a19"]
att.write(level.descriptors[CONFIGURATION], b"\1\0")
time.sleep(3)
for percent in range(5):
    print('{"uuid":"2a19","value":%d}' % percent, flush=True,
          file=open("lines", "w"))
assert att.listen(1, 5) == [(level.value, bytes([n])) for n in range(5)]
assert att.read(level.value) == b"\4"
# Another peer, in the channel.
told = subprocess.run(
    [sys.argv[1], "--dir", "phone", "--read", "2a19", "--write",
     "7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90=text:new", "unix:link"],
    stdin=subprocess.DEVNULL, capture_output=True, text=True)
assert told.returncode == 0 and '"value":"04"' in told.stdout, told
assert att.read(own(3).value) == b"new"
