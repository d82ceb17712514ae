from blesec_test import peer as blesec
from blesec_test.attack import (
    Said, ends, opened, secured, secured_server, shaken)


def lies(peer):
    """Each a function that sends one lie."""
    tunnel = peer.tunnel
    yield lambda: tunnel.segment(ack=(tunnel.consumed + 1) % 256)
    yield lambda: tunnel.segment(ack=(tunnel.consumed + 127) % 256)
    yield lambda: tunnel.segment(ack=(tunnel.consumed - 1) % 256)
    yield lambda: tunnel.segment(b"x", ack=(tunnel.consumed + 1) % 256)
    yield lambda: tunnel.segment(seq=(tunnel.next + 1) % 256)
    yield lambda: tunnel.segment(seq=(tunnel.next - 1) % 256)
    yield lambda: tunnel.segment(b"x", seq=(tunnel.next + 1) % 256)
    yield lambda: tunnel.segment(b"x", seq=(tunnel.next - 1) % 256)
    yield lambda: tunnel.segment(b"x", seq=(tunnel.next + 128) % 256)
    yield lambda: tunnel.emit(b"")
    yield lambda: tunnel.emit(bytes([tunnel.next]))


def settled(peer):
    """Everything that was sent either way is acknowledged."""
    try:
        peer.wait(lambda: False, 0.2)
    except blesec.Late:
        peer.tunnel.segment()
    return peer


count = len(list(lies(shaken())))
for number in range(count):
    for start in opened, secured:
        said = Said()
        peer = settled(start())
        if start is opened:
            peer.write(b"\x16")
        list(lies(peer))[number]()
        ends(peer)
        said.closed("protocol error")
    tool, peer = secured_server()
    settled(peer)
    list(lies(peer))[number]()
    ends(peer)
    tool.ends(5, "protocol error")
