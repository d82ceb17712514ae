"""link|channel MTU: all of it, and what came back, a line each."""
import os
import struct
import sys

from blesec_test import le
from blesec_test.att import Att
from blesec_test.harness import eventually
from blesec_test.secured import Secured

where, mtu = sys.argv[1], int(sys.argv[2])
sock = le.connect(os.environ["HCI0"], os.environ["HCI1"])
if where == "link":
    att = Att(sock)
else:
    att = Secured("phone", sock, 60, mtu=0)
lines = open("lines", "w", buffering=1)


def show(name, pdu):
    print(name, pdu.hex() if pdu is not None else "nothing", flush=True)


def ask(name, form, *values):
    """A request by its form for struct, octets at the end or alone."""
    more = b""
    if values and isinstance(values[-1], bytes):
        *values, more = values
    show(name, att.request(struct.pack("<" + form, *values) + more))


def tell(value):
    lines.write('{"uuid":"2a19","value":"hex:%s"}\n' % value.hex())


def told(value):
    """It has come to the server."""
    eventually(value, lambda: att.read(level.value) == value[:mtu - 1])


# What the link and the channel both have.
by = {c.uuid: c for c in att.discover()}
level = by["2a19"]
short, long, write_only = (
    by[f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"].value for n in (2, 3, 4))
place = by["2a38"]
last = max(place.descriptors.values())
configuration = level.descriptors["2902"]
big = bytes(n % 251 for n in range(512))

if mtu > 23:
    ask("Exchange MTU", "BH", 0x02, mtu)
ask("Exchange MTU, too short", "BB", 0x02, 0)
for first, end in ((1, last), (place.handle, last), (0, 5), (7, 3),
                   (last, last)):
    ask("Find Information", "BHH", 0x04, first, end)
ask("Find Information", "BHH", 0x04, level.value, level.value)
for value in b"\x0f\x18", b"\x00\x18", b"\x0e\x18", b"", bytes.fromhex(
        "908d7e1c2b6f609a5a4d3c1f01000e7d"):
    ask("Find By Type Value", "BHHH", 0x06, 1, last, 0x2800, value)
ask("Find By Type Value", "BHHH", 0x06, 1, last, 0x2901, b"constant")
for kind in 0x2800, 0x2802, 0x2803, 0x2901, 0x2902, 0x2904, 0x2a00, 0x2a01, \
        0x2a38, 0x2a19, 0x2a77:
    ask("Read By Type", "BHHH", 0x08, 1, last, kind)
ask("Read By Type, long", "BHH", 0x08, 1, last, bytes.fromhex(
    "908d7e1c2b6f609a5a4d3c1f02000e7d"))
ask("Read By Type, of a strange length", "BHHB", 0x08, 1, last, 7)
for kind in 0x2800, 0x2801, 0x2803:
    ask("Read By Group Type", "BHHH", 0x10, 1, last, kind)
for handle in 1, short, write_only, place.value, configuration, 0, 0xfff0:
    ask("Read", "BH", 0x0a, handle)
    ask("Read Blob", "BHH", 0x0c, handle, 1)
    ask("Read Blob, beyond", "BHH", 0x0c, handle, 513)
for opcode in 0x0e, 0x20:
    ask("Read Multiple", "BHHH", opcode, short, place.value, 1)
    ask("Read Multiple, one not", "BHHH", opcode, short, write_only, 1)
    ask("Read Multiple, no such", "BHH", opcode, short, 0xfff0)
    ask("Read Multiple, of one", "BH", opcode, short)

# Writes, and what is stored then.
for handle in short, long, write_only, place.value, 1, 0xfff0:
    ask("Write", "BH", 0x12, handle, b"new")
    if handle != write_only:
        ask("Read", "BH", 0x0a, handle)
    att.send(struct.pack("<BH", 0x52, handle) + b"command")
    if handle != write_only:
        ask("Read after a command", "BH", 0x0a, handle)
ask("Write, nothing", "BH", 0x12, short)
ask("Read", "BH", 0x0a, short)
att.send(b"\xd2" + struct.pack("<H", short) + b"signed" + bytes(12))
ask("Read after a false signature", "BH", 0x0a, short)
for value in b"\x04\x00", b"\x01", b"\x01\x00\x00", b"\x03\x00", b"\x00\x00":
    ask("Write a configuration", "BH", 0x12, configuration, value)
    ask("Read it", "BH", 0x0a, configuration)

# Long ones.
piece = mtu - 5
for handle in short, long:
    for at in range(0, 512, piece):
        ask("Prepare Write", "BHH", 0x16, handle, at, big[at:at + piece])
    ask("Execute Write", "BB", 0x18, 1)
    assert att.read_long(handle) == big
    show("Read, long", att.read_long(handle))
    ask("Prepare Write", "BHH", 0x16, handle, 2, b"XX")
    ask("Prepare Write", "BHH", 0x16, handle, 0, b"YY")
    ask("Execute Write, cancelled", "BB", 0x18, 0)
    show("Read, long", att.read_long(handle))
    ask("Prepare Write", "BHH", 0x16, handle, 2, b"XX")
    ask("Execute Write", "BB", 0x18, 1)
    show("Read, long", att.read_long(handle))
    ask("Prepare Write", "BHH", 0x16, handle, 511, b"XX")
    ask("Execute Write, too long", "BB", 0x18, 1)
    ask("Prepare Write", "BHH", 0x16, handle, 10, b"XX")
    ask("Execute Write, beyond", "BB", 0x18, 1)
    ask("Execute Write of nothing", "BB", 0x18, 1)
    ask("Execute Write, unknown", "BB", 0x18, 2)
    ask("Write", "BH", 0x12, handle, big[:mtu - 3])
    show("Read, long", att.read_long(handle))
    ask("Write", "BH", 0x12, handle, b"short again")
ask("Prepare Write", "BHH", 0x16, place.value, 0, b"XX")
ask("Prepare Write", "BHH", 0x16, 0xfff0, 0, b"XX")

# Opcodes that are none: requests are refused, commands and what only a client
# gets are not heard.
for opcode in 0x14, 0x1a, 0x22, 0x2a, 0x3e, 0xbe:
    ask("Unknown", "B", opcode, b"\1\0\2")
for opcode in 0x40, 0x41, 0x7f, 0xc0:
    att.send(bytes([opcode]) + b"\1\0\2")
    ask("Read after it", "BH", 0x0a, place.value)
for form in "B", "BB":
    ask("Cut short", form, *[0x0a, 0][:len(form)])
    ask("Cut short", form, *[0x12, 0][:len(form)])

# What the server says of its own accord.
assert not att.heard
for bits, least in (1, 1), (2, 1), (3, 2), (0, 0):
    ask("Write a configuration", "BHH", 0x12, configuration, bits)
    tell(bytes([bits, 1]))
    told(bytes([bits, 1]))
    for handle, value in att.listen(1, least):
        show(f"told {handle}", value)
ask("Write a configuration", "BHH", 0x12, configuration, 3)
tell(big)
told(big)
for handle, value in att.listen(1, 2):
    show(f"told {handle}", value)
ask("Read, at last", "BH", 0x0a, level.value)
# No second indication before the first is confirmed; then the latest value.
ask("Write a configuration", "BHH", 0x12, configuration, 2)
att.confirm = False
tell(b"first")
show("indicated", att.receive())
tell(b"second")
tell(b"third")
told(b"third")
assert not att.heard
try:
    show("indicated", att.receive(2))
except TimeoutError:
    show("indicated", None)
att.send(b"\x1e")
show("indicated", att.receive())
att.send(b"\x1e")
att.send(b"\x1e")
att.confirm = True
ask("Read, at last", "BH", 0x0a, level.value)
tell(b"same")
told(b"same")
att.listen(1)
if where == "channel":
    att.peer.bye()
