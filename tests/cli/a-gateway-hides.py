import struct
import sys

from blesec_test.att import CONFIGURATION, Att
from blesec_test.secured import Secured

OWN = "9292000508cf48bebf4d1ec88ca40b88"
plain = Att.unix("peripheral")
plain.exchange_mtu()
gate = Secured("phone", "link")
all_of = {c.uuid: c for c in plain.discover()}
seen = {c.uuid: c for c in gate.discover()}


def mine(n):
    return f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"


def handle(h):
    return struct.pack("<H", h)


def tell(line):
    print(line, flush=True, file=open("lines", "w"))


def refused(pdu, h, code):
    reply = gate.request(pdu)
    assert reply == bytes([1, pdu[0]]) + handle(h) + code, (pdu, reply)


def service():
    """A whole service by its name, and a characteristic of another."""
    assert set(seen) == {"2a37", "2a38", "2a39", mine(2),
                         "9292000608cf48bebf4d1ec88ca40b88"}, set(seen)
    assert [s[0] for s in gate.services()] == [
        "180d", mine(1), OWN], gate.services()
    for uuid in "2a37", "2a38", "2a39", mine(2):
        assert seen[uuid][:4] == all_of[uuid][:4], (seen[uuid], all_of[uuid])
    assert gate.read(seen["2a38"].value) == b"\1"
    assert gate.read(seen[mine(2)].value) == b"stored"
    gate.write(seen[mine(2)].value, b"new")
    assert plain.read(all_of[mine(2)].value) == b"new"
    gate.write(seen["2a37"].descriptors[CONFIGURATION], b"\1\0")
    hidden_from_each_request()
    # It is not notified either, however often it changes.
    plain.write(all_of["2a19"].descriptors[CONFIGURATION], b"\1\0")
    tell('{"uuid":"2a19","value":50}')
    tell('{"uuid":"2a37","value":"hex:0050"}')
    assert plain.listen(0.5, 1) == [(all_of["2a19"].value, b"\x32")]
    assert gate.listen(0.5, 1) == [(seen["2a37"].value, b"\0\x50")]


def hidden_from_each_request():
    """No request finds what is hidden, at any handle."""
    shown = set()
    for uuid, first, last in gate.services():
        shown.add(first)
    for c in seen.values():
        shown |= {c.handle, c.value, *c.descriptors.values()}
    hidden = [h for h in range(1, max(c.end for c in all_of.values()) + 1)
              if h not in shown]
    assert len(hidden) > 10, hidden
    for h in hidden:
        for pdu in (b"\x0a" + handle(h), b"\x0c" + handle(h) + b"\0\0",
                    b"\x0e" + handle(h) + handle(seen["2a38"].value),
                    b"\x0e" + handle(seen["2a38"].value) + handle(h),
                    b"\x20" + handle(seen["2a38"].value) + handle(h),
                    b"\x12" + handle(h) + b"x",
                    b"\x16" + handle(h) + b"\0\0x"):
            refused(pdu, h, b"\1")
        for opcode, more in (
                (b"\x04", b""), (b"\x08", b"\x19\x2a"),
                (b"\x08", b"\x02\x29"), (b"\x10", b"\x00\x28"),
                (b"\x06", b"\x00\x28\x0f\x18"), (b"\x06", b"\x02\x29\0\0")):
            refused(opcode + handle(h) * 2 + more, h, b"\x0a")
        gate.write_command(h, b"lost")
    assert plain.read(all_of[mine(3)].value) == b"hidden"


def level():
    """One characteristic by name, with its configuration."""
    assert [s[0] for s in gate.services()] == ["180f", OWN]
    level = seen["2a19"]
    assert set(seen) == {"2a19", "9292000608cf48bebf4d1ec88ca40b88"}
    gate.write(level.descriptors[CONFIGURATION], b"\1\0")
    tell('{"uuid":"2a19","value":51}')
    assert gate.listen(0.5, 1) == [(level.value, b"\x33")]


def read_only():
    """Only configuration descriptors can be written."""
    assert seen.keys() - {"9292000608cf48bebf4d1ec88ca40b88"} == all_of.keys()
    value = seen[mine(2)].value
    assert plain.read(value) == b"new"
    for what, code in ((seen["2a39"].value, 3), (value, 3), (1, 3)):
        assert gate.code(gate.write, what, b"x") == code
        assert gate.code(gate.ask, struct.pack("<BHH", 0x16, what, 0)) == 3
    gate.write_command(value, b"lost")
    gate.send(b"\xd2" + struct.pack("<H", value) + bytes(13))
    assert gate.request(b"\x18\1") == b"\x19"
    assert gate.read(value) == b"new"
    gate.write(seen["2a37"].descriptors[CONFIGURATION], b"\1\0")
    tell('{"uuid":"2a37","value":"hex:0051"}')
    assert gate.listen(0.5, 1) == [(seen["2a37"].value, b"\0\x51")]


def everything():
    """Without either option, the write reaches the peripheral."""
    gate.write(seen["2a39"].value, b"\1")


{"service": service, "level": level, "read-only": read_only,
 "all": everything}[sys.argv[1]]()
