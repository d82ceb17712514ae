import os
import struct

from blesec_test.att import INDICATION, NOTIFICATION
from blesec_test.secured import Secured

T = os.environ["T"]


class Gatt(Secured):
    """Tells notifications from indications."""

    def __init__(self):
        super().__init__(T + "/phone", T + "/link")
        assert self.mtu == 517
        self.told = []

    def take(self, pdu):
        if pdu[0] in (NOTIFICATION, INDICATION):
            self.told.append(pdu)
        return super().take(pdu)

    def next(self, handle):
        """The next notification or indication of this handle."""
        while True:
            while not self.told:
                self.take(self.receive())
            pdu = self.told.pop(0)
            if struct.unpack("<H", pdu[1:3])[0] == handle:
                return pdu[0], pdu[3:]

    def error(self, pdu):
        return self.code(self.ask, pdu)


def own(n):
    return f"123456780000400080000000000000{n:02x}"


gatt = Gatt()
h = {c.uuid: c.value for c in gatt.discover()}
assert {"2a00", "2a01", "2a37", "2a38", "2a39", "2a19", own(2)} <= set(h), h
assert gatt.read(h["2a00"]) == b"sensor"
assert gatt.read(h["2a01"]) == struct.pack("<H", 833)
assert gatt.read(h["2a38"]) == b"\1"
assert gatt.read(h[own(2)]) == b"stored"

# One command runs for each read, another for each write.
assert gatt.read(h["2a19"]) == bytes([97])
with open(T + "/level", "w") as file:
    file.write("42\n")
assert gatt.read(h["2a19"]) == bytes([42])
os.unlink(T + "/level")
assert gatt.error(struct.pack("<BH", 0x0a, h["2a19"])) == 0x0e
gatt.write(h["2a39"], b"\1")
with open(T + "/controlled") as file:
    assert file.read() == "hex:01\n"

# A long write, queued, that all peers see.
long = bytes(i % 251 for i in range(512))
for i in range(0, 512, 400):
    part = struct.pack("<BHH", 0x16, h[own(2)], i) + long[i:i + 400]
    assert gatt.request(part)[1:] == part[1:]
assert gatt.request(b"\x18\1") == b"\x19"
assert gatt.read(h[own(2)]) == long
other = Gatt()
assert other.read(h[own(2)]) == long

# A file, both ways.
assert gatt.read(h[own(3)]) == b"first"
gatt.write(h[own(3)] + 1, b"\1\0")
with open(T + "/value.new", "w") as file:
    file.write("second")
os.rename(T + "/value.new", T + "/value.txt")
assert gatt.next(h[own(3)]) == (0x1b, b"second")
gatt.write(h[own(3)], b"third")
with open(T + "/value.txt") as file:
    assert file.read() == "third"

# stdin: sent to subscribers only, while they are subscribed.
gatt.write(h["2a37"] + 1, b"\1\0")
with open(T + "/lines", "w") as lines:
    lines.write('{"uuid":"2a37","value":"hex:0048"}\n')
    lines.write('{"uuid":"heart rate measurement","value":"hex:0049"}\n')
    lines.write('{"uuid":"2a37"}\nnonsense\n{"uuid":"2a38","value":2}\n')
assert gatt.next(h["2a37"]) == (0x1b, b"\0\x48")
assert gatt.next(h["2a37"]) == (0x1b, b"\0\x49")
assert not other.told

# Indications come one at a time, also for what another peer writes.
gatt.write(h[own(2)] + 1, b"\2\0")
other.send(struct.pack("<BH", 0x52, h[own(2)]) + b"news")
assert gatt.next(h[own(2)]) == (0x1d, b"news")

# A process.
gatt.write(h[own(4)] + 1, b"\1\0")
first = int(gatt.next(h[own(4)])[1].split()[1])
assert int(gatt.next(h[own(4)])[1].split()[1]) == first + 1

# Not every peer may use this one.
assert gatt.error(struct.pack("<BH", 0x0a, h[own(5)])) == 0x08
assert gatt.read(h[own(6)]) == b"for phones"

# A peer cannot start any number of programs.
for _ in range(100):
    gatt.send(struct.pack("<BH", 0x52, h[own(7)]) + b"x")
assert gatt.read(h["2a38"]) == b"\1"

# Missing attributes and nonsense give an error, and the session goes on.
assert gatt.error(struct.pack("<BH", 0x0a, 0x7777)) == 0x01
assert gatt.error(b"\x0a\1") == 0x04
assert gatt.error(b"\x3e") == 0x06
gatt.peer.bye()
other.send(b"")
try:
    other.receive()
    raise AssertionError("it takes an empty PDU")
except EOFError:
    pass
print("all of it")
