import struct
import time

from blesec_test import peer as blesec
from blesec_test.attack import (
    T, central, client, good, meet, met, opened, server)

for offered, agreed in (0, 23), (1, 23), (22, 23), (23, 23), (24, 24), \
        (65535, 517):
    peer = central()
    reply = peer.request(struct.pack("<BH", blesec.MTU_REQ, offered))
    assert struct.unpack("<H", reply[1:])[0] == 517
    peer.mtu = agreed
    receive, sizes = peer.link.recv, []

    def measured(timeout, receive=receive, sizes=sizes):
        pdu = receive(timeout)
        sizes.append(len(pdu))
        return pdu

    peer.link.recv = measured
    peer.find_tunnel()
    peer.read_capability()
    peer.enable()
    peer.open()
    peer.handshake(client())
    peer.ready()
    with open(f"{T}/serve.in", "w", encoding="ascii") as lines:
        print("m" * 3000, file=lines, flush=True)
    assert peer.receive() == b"m" * 3000
    assert max(sizes) <= agreed, f"{max(sizes)} octets at an MTU of {agreed}"
    peer.bye()

# The other way round connect may also refuse such a peripheral.
for offered in 0, 22, 23, 24, 65535:
    agreed = max(23, min(offered, 517))
    tool, peer = meet("--count", "1")
    plain, sizes = peer.dispatch, []

    def answer(pdu, peer=peer, plain=plain, sizes=sizes, offered=offered,
               agreed=agreed):
        if pdu[0] == blesec.MTU_REQ:
            peer.mtu = agreed
            peer.link.send(struct.pack("<BH", blesec.MTU_RSP, offered))
        else:
            sizes.append(len(pdu))
            plain(pdu)

    peer.dispatch = answer
    try:
        peer.secure(server())
        peer.send(b"m")
        peer.part()
        tool.ends(0, "done")
    except blesec.LinkClosed:
        assert offered < 23, f"an MTU of {offered} is refused"
        tool.ends(5, "protocol error")
    assert max(sizes, default=0) <= agreed

# Values and PDUs that are too long, or nothing at all.
for size in 513, 514, 600, 2000:
    peer = opened()
    peer.write(b"")
    peer.tunnel.segment(bytes(size - 2))
    peer.close()
for pdu in b"", bytes(600), b"\x52" + bytes(5000):
    peer = central()
    peer.link.send(pdu)
    peer.link.send(b"")
    peer.close()
    peer = opened()
    peer.link.send(pdu)
    time.sleep(0.05)
    peer.close()
tool, peer = met()
peer.link.send(b"")
peer.close()
tool.process.wait(20)
assert tool.process.returncode in (5, 7)
good()
