import random
import struct

from blesec_test import peer as blesec
from blesec_test.attack import central, client, events, meet, server
from blesec_test.harness import eventually

rng = random.Random(4)


def code(peer, pdu):
    """Return the error that a request gets, 0 for a response."""
    try:
        peer.request(pdu)
    except blesec.AttError as err:
        assert err.request == pdu[0]
        return err.code
    return 0


def groups(peer, kind):
    found, first = [], 1
    while first <= 0xffff:
        try:
            reply = peer.request(struct.pack("<BHHH", blesec.READ_GROUP_REQ,
                                             first, 0xffff, kind))
        except blesec.AttError as err:
            assert err.code == 0x0a, err
            break
        for item in blesec.chunks(reply[2:], reply[1]):
            start, end = struct.unpack("<HH", item[:4])
            assert first <= start <= end, "services out of order"
            found.append((start, end, item[4:]))
            first = end + 1
    return found


for mtu in 23, 185, 517:
    peer = central()
    if mtu != 23:
        peer.exchange_mtu(mtu)
    services = groups(peer, blesec.PRIMARY)
    assert groups(peer, 0x2801) == []
    assert [u for _, _, u in services].count(blesec.SERVICE) == 1
    # The GAP service is mandatory (Vol 3 Part C 12).
    assert struct.pack("<H", 0x1800) in [u for _, _, u in services]
    every = []
    for start, end, uuid in services:
        found = peer.find_characteristics(start, end)
        every += peer.find_descriptors(start, end)
        if uuid != blesec.SERVICE:
            continue
        assert {u: p for u, (_, p) in found.items()} == {
            blesec.CAPABILITY: 0x02, blesec.INBOUND: 0x04,
            blesec.OUTBOUND: 0x10}
        assert peer.find_service() == (start, end)
        own = found
    handles = [h for h, _ in every]
    assert handles == sorted(set(handles)), "handles out of order"
    assert peer.find_descriptors(1, 0xffff) == every

    capability = own[blesec.CAPABILITY][0]
    value = peer.request(struct.pack("<BH", blesec.READ_REQ, capability))[1:]
    assert len(value) >= 7
    for offset in range(len(value) + 1):
        reply = peer.request(struct.pack("<BHH", blesec.READ_BLOB_REQ,
                                         capability, offset))
        assert reply[1:] == value[offset:offset + peer.mtu - 1]
    assert code(peer, struct.pack("<BHH", blesec.READ_BLOB_REQ, capability,
                                  len(value) + 1)) == 0x07
    # By UUID of 128 or 16 bits.
    reply = peer.request(struct.pack("<BHH", blesec.READ_TYPE_REQ, 1, 0xffff)
                         + blesec.CAPABILITY)
    assert reply[4:] == value
    name = peer.request(struct.pack("<BHHH", blesec.READ_TYPE_REQ, 1, 0xffff,
                                    0x2a00))
    assert len(name) > 4

    # Values match what each attribute type says about itself.
    for handle, uuid in every:
        assert code(peer, struct.pack("<BH", blesec.READ_REQ, handle)) in (
            (0x02,) if uuid in (blesec.INBOUND, blesec.OUTBOUND) else (0,))

    assert code(peer, struct.pack("<BHHH", blesec.FIND_TYPE_REQ, 1, 0xffff,
                                  blesec.PRIMARY) + bytes(16)) == 0x0a
    for opcode, body in ((blesec.FIND_INFO_REQ, b""),
                         (blesec.READ_TYPE_REQ, b"\3\x28"),
                         (blesec.READ_GROUP_REQ, b"\0\x28"),
                         (blesec.FIND_TYPE_REQ, b"\0\x28" + bytes(2))):
        # Invalid ranges.
        for first, last in (0, 5), (5, 4), (0, 0):
            assert code(peer, struct.pack("<BHH", opcode, first, last)
                        + body) == 0x01, f"0x{opcode:02x} {first} {last}"
        assert code(peer, struct.pack("<BHH", opcode, 0xfff0, 0xffff)
                    + body) == 0x0a
    # Only for a grouping attribute (Vol 3 Part F 3.4.4.9).
    assert code(peer, struct.pack("<BHHH", blesec.READ_GROUP_REQ, 1, 0xffff,
                                  0x2803)) == 0x10

    # Opcodes that we do not serve, and truncated requests.
    for opcode in range(256):
        if opcode & 0x40 or opcode in blesec.RESPONSES or opcode in (
                0x0f, 0x17, 0x19, 0x1b, 0x1d, 0x1e, 0x21, 0x23):
            continue            # a command, or somebody's answer
        pdu = bytes([opcode])
        wanted = (0x04,) if opcode in (
            0x02, 0x04, 0x06, 0x08, 0x0a, 0x0c, 0x10, 0x12) else (0x06, 0x04)
        assert code(peer, pdu) in wanted, f"0x{opcode:02x}"
    for opcode in 0x0e, 0x16, 0x18, 0x20, 0x3f, 0x9f:
        assert code(peer, bytes([opcode]) + bytes(4)) == 0x06
    # Unknown commands are ignored (Vol 3 Part F 3.3).
    for opcode in 0x41, 0x7f, 0xd2:
        peer.link.send(bytes([opcode]) + bytes(20))
    assert peer.find_service()
    peer.close()

# A session still works after all this exploring.
peer = central()
groups(peer, blesec.PRIMARY)
peer.discover()
peer.open()
peer.handshake(client())
groups(peer, blesec.PRIMARY)
peer.ready()
groups(peer, blesec.PRIMARY)
peer.send(b"explorer")
eventually("explorer", lambda: any(e.get("text") == "explorer"
                                   for e in events("serve")))
peer.bye()

# connect is explored too: a peripheral's host explores its centrals.
tool, peer = meet("--count", "1")
peer.link.send(struct.pack("<BH", blesec.MTU_REQ, 517))
replies = []
plain = peer.dispatch
peer.dispatch = lambda pdu: (replies.append(pdu) if pdu[0] in (
    blesec.MTU_RSP, blesec.ERROR_RSP, blesec.READ_GROUP_RSP,
    blesec.FIND_INFO_RSP) else plain(pdu))
peer.link.send(struct.pack("<BHHH", blesec.READ_GROUP_REQ, 1, 0xffff,
                           blesec.PRIMARY))
peer.link.send(struct.pack("<BHH", blesec.FIND_INFO_REQ, 1, 0xffff))
peer.link.send(bytes([0x3f, 0, 0]))
peer.secure(server())
peer.link.send(struct.pack("<BH", blesec.READ_REQ, 1))
peer.send(b"done exploring")
eventually("answers", lambda: len(replies) >= 5 or peer.pump(10))
assert replies[0] == struct.pack("<BH", blesec.MTU_RSP, 517)
peer.part()
tool.ends(0, "done")
