import random
import struct
import sys

from blesec_test.att import CONFIGURATION, Att
from blesec_test.secured import Secured

seed = random.randrange(1 << 32)
print("seed", seed, file=sys.stderr)
rng = random.Random(seed)
plain = Att.unix("peripheral")
plain.exchange_mtu()
gate = Secured("phone", "link")
assert gate.mtu == 517
assert gate.discover()[:-1] == plain.discover()
assert gate.services()[:-1] == plain.services()
by = {c.uuid: c for c in plain.discover()}


def own(n):
    return by[f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"]


top = max(c.end for c in by.values())

# Other tests cover attributes that start a program for each access.
slow = by["2a39"].value, by["2a8a"].value
types = [struct.pack("<H", t) for t in
         (0x2800, 0x2801, 0x2802, 0x2803, 0x2901, 0x2904, 0x2a00, 0x2a38,
          0x2a05, 0x1234)]
types.append(bytes.fromhex("7d0e00021f3c4d5a9a606f2b1c7e8d90")[::-1])


def handle():
    return rng.choice([h for h in range(top + 4) if h not in slow]
                      + [0xffef, 0x1000])


def spread():
    first, last = rng.choice([1, handle()]), rng.choice([handle(), 0xffef])
    return struct.pack("<HH", first, last)


def request():
    # Most of these two kinds are refused, so try them more often.
    kind = rng.choice([*range(13), 1, 1, 7, 7])
    pack = struct.pack
    if kind == 0:
        return b"\x04" + spread()
    if kind == 1:
        return b"\x06" + spread() + rng.choice(types)[:2] + rng.choice(
            [b"\x0d\x18", b"\x0f\x18", b"", b"\x01"])
    if kind == 2:
        return b"\x08" + spread() + rng.choice(types)
    if kind == 3:
        return b"\x0a" + pack("<H", handle())
    if kind == 4:
        return b"\x0c" + pack("<HH", handle(), rng.choice([0, 1, 5, 600]))
    if kind == 5:
        return b"\x0e" + b"".join(pack("<H", handle()) for _ in
                                  range(rng.randint(2, 4)))
    if kind == 6:
        return b"\x10" + spread() + rng.choice(types)
    if kind == 7:
        return b"\x12" + pack("<H", handle()) + bytes(rng.choice(
            [0, 1, 2, 20, 21, 41, 300, 514]))
    if kind == 8:
        # Executing a write twice gives the same result the second time.
        return b"\x16" + pack("<HH", handle(), rng.choice([0, 700])) + \
            bytes(rng.choice([0, 2, 18]))
    if kind == 9:
        return b"\x18" + bytes([rng.choice([0, 1, 1, 2])])
    if kind == 10:
        return b"\x20" + b"".join(pack("<H", handle()) for _ in
                                  range(rng.randint(2, 4)))
    if kind == 11:                      # cut, or with more octets
        pdu = request()
        return rng.choice([pdu[:rng.randint(1, len(pdu))], pdu + b"x"])
    # Opcodes of no known request.
    return bytes([rng.choice([0x14, 0x22, 0x24, 0x3e])]) + bytes(
        rng.randrange(4))


configurations = {c.descriptors[CONFIGURATION] for c in by.values()
                  if CONFIGURATION in c.descriptors}


def is_ours(pdu):
    """A configuration is the gateway's: read with others, or in parts, it is
    refused, and prepared it cannot be.  A range that is none is not asked for.
    """
    if pdu[0] == 0x10 and len(pdu) >= 5:
        first, last = struct.unpack("<HH", pdu[1:5])
        return not 0 < first <= last
    if pdu[0] in (0x0e, 0x20):
        return any(struct.unpack("<H", pdu[i:i + 2])[0] in configurations
                   for i in range(1, len(pdu) - 1, 2))
    return pdu[0] in (0x0c, 0x12, 0x16) and len(pdu) > 2 and \
        struct.unpack("<H", pdu[1:3])[0] in configurations


kinds = {}
for _ in range(5000):
    pdu = request()
    if is_ours(pdu) or len(pdu) > gate.mtu:
        continue
    mine, its = gate.request(pdu), plain.request(pdu)
    if its[0] == 1 and its[4] in (0x04, 0x06):
        # A malformed request has no certain handle to report.
        mine, its = mine[:2] + mine[4:], its[:2] + its[4:]
    assert mine == its, (pdu.hex(), mine.hex(), its.hex())
    kinds.setdefault(pdu[0], set()).add(its[-1] if its[0] == 1 else 0)
assert not plain.heard and not gate.heard
# There were successes, and errors of several kinds.
for opcode in 4, 6, 8, 0x0a, 0x0c, 0x10, 0x12, 0x16, 0x18:
    assert 0 in kinds[opcode] and len(kinds[opcode]) > 1, (opcode, kinds)
assert len(set.union(*kinds.values())) >= 10, kinds
plain.request(b"\x18\0")
gate.request(b"\x18\0")

# Long values, with a small MTU too.
long = own(2)
small = Secured("phone", "link", mtu=0)
assert small.code(small.write, long.value, b"x") == plain.code(
    plain.write, long.value, b"x") == 0x05
plain.write(own(3).value, bytes(range(256)) * 2)
assert small.read(own(3).value) == bytes(range(22))
assert small.read_long(own(3).value) == bytes(range(256)) * 2
assert gate.read_long(own(3).value) == bytes(range(256)) * 2
back = bytes(rng.randrange(256) for _ in range(500))
small.write_long(own(3).value, back)
assert plain.read_long(own(3).value) == open("value", "rb").read() == back
gate.write_long(own(3).value, back[::-1], piece=400)
assert gate.read_long(own(3).value) == back[::-1]
# Commands are in order with requests.
gate.write_command(own(5).value, b"1st")
gate.write(own(5).value, b"2nd")

# Each is notified once, in order, or indicated and confirmed.
level, file = by["2a19"], own(3)
gate.write(level.descriptors[CONFIGURATION], b"\1\0")
assert gate.read(level.descriptors[CONFIGURATION]) == b"\1\0"
assert small.read(level.descriptors[CONFIGURATION]) == b"\0\0"
small.write(file.descriptors[CONFIGURATION], b"\2\0")
assert gate.code(gate.write, level.descriptors[CONFIGURATION], b"\2\0") == 0x13
assert gate.code(gate.write, level.descriptors[CONFIGURATION], b"\1") == 0x0d
for n in range(50):
    print('{"uuid":"2a19","value":%d}' % n, flush=True,
          file=open("lines", "w"))
assert gate.listen(1, 50) == [(level.value, bytes([n])) for n in range(50)]
for n in range(5):
    gate.write(file.value, b"%d" % n)
    assert small.listen(0.2, 1) == [(file.value, b"%d" % n)]
gate.write(level.descriptors[CONFIGURATION], b"\0\0")
print('{"uuid":"2a19","value":77}', flush=True, file=open("lines", "w"))
assert gate.listen(0.5) == []

# A peripheral on a socket advertises nothing.
table = {c.uuid: c for c in gate.discover()}
advertising = table["9292000608cf48bebf4d1ec88ca40b88"]
assert advertising.value > 0xfff0 and advertising.properties == 2
assert gate.read(advertising.value) == b""
assert gate.code(gate.write, advertising.value, b"x") == 0x03
assert gate.read(advertising.descriptors["2901"]) == \
    b"Peripheral Advertising Data"
assert gate.services()[-1][:2] == ("9292000508cf48bebf4d1ec88ca40b88", 0xfff0)
gate.bye()
