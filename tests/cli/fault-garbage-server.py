import random
import struct

from blesec_test import peer as blesec
from blesec_test.attack import ends, meet, met

rng = random.Random(2)
requests = (blesec.MTU_REQ, blesec.FIND_TYPE_REQ, blesec.READ_TYPE_REQ,
            blesec.FIND_INFO_REQ, blesec.READ_REQ, blesec.WRITE_REQ)


def bodies(opcode):
    yield b""
    yield b"\0"
    yield b"\xff" * 30
    yield bytes(30)
    yield rng.randbytes(rng.randrange(1, 500))
    if opcode == blesec.READ_TYPE_REQ:
        yield bytes([0]) + rng.randbytes(40)
        yield bytes([1]) + rng.randbytes(40)
        yield bytes([255]) + rng.randbytes(40)
        # The same declaration over and over.
        yield bytes([21]) + struct.pack("<HBH", 0x30, 2, 0x31) + bytes(16)
    if opcode == blesec.FIND_INFO_REQ:
        yield bytes([1]) + struct.pack("<HH", 0x33, 0x2900) * 3
        yield bytes([3]) + bytes(30)


class Liar(blesec.Peripheral):
    opcode, body = None, b""

    def dispatch(self, pdu):
        if pdu[0] == self.opcode:
            self.link.send(bytes([pdu[0] + 1]) + self.body)
        else:
            super().dispatch(pdu)


for opcode in requests:
    for body in bodies(opcode):
        if opcode == blesec.WRITE_REQ and not body:
            continue            # that is what it should be
        tool, peer = meet("--timeout", "4")
        peer.__class__ = Liar
        peer.opcode, peer.body = opcode, body
        try:
            peer.wait(lambda: False, 20)
        except (blesec.LinkClosed, blesec.Fault, ValueError):
            pass
        if tool.process.wait(10) not in (5, 7):
            raise AssertionError(f"0x{opcode:02x} {body.hex()}: connect "
                                 f"exits {tool.process.returncode}")
        if tool.process.returncode == 7 and opcode != blesec.WRITE_REQ \
                and opcode != blesec.MTU_REQ:
            raise AssertionError(f"0x{opcode:02x} {body.hex()}: only the "
                                 "deadline ends it")

# An error to every request: this is not a blesec peripheral.
for opcode in requests:
    tool, peer = meet("--timeout", "2")
    plain = peer.dispatch
    peer.dispatch = lambda pdu, peer=peer, plain=plain, opcode=opcode: (
        peer.link.send(blesec.error(opcode, 1, 0x0a))
        if pdu[0] == opcode else plain(pdu))
    try:
        peer.wait(lambda: False, 20)
    except blesec.LinkClosed:
        pass
    tool.process.wait(10)
    # A peripheral without the MTU exchange still works.
    assert tool.process.returncode == 5 or opcode == blesec.MTU_REQ, opcode

# Garbage in the tunnel.
for value in (b"", b"\0", b"\0\0\1", b"\1\0\1", b"\0\2\1", bytes(512),
              b"\0\1" + b"HTTP/1.1 400 Bad Request\r\n\r\n",
              b"\0\1\x16\x03\x03\xff\xff" + bytes(300),
              b"\0\1" + rng.randbytes(500)):
    tool, peer = met()
    peer.notify(value)
    ends(peer)
    tool.ends(5, "protocol error")
