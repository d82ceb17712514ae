from blesec_test import peer as blesec
from blesec_test.attack import (
    Said, client, discovered, ends, shaken, shaken_server)


def bodies(peer):
    """What READY must not be."""
    good_body = peer.ready_body()
    for at in range(len(good_body)):
        yield good_body[:at] + bytes([good_body[at] ^ 1]) + good_body[at + 1:]
    for size in range(len(good_body)):
        yield good_body[:size]
    yield good_body + b"\0"
    yield good_body * 2


number = 0
while True:
    peer = shaken()
    rest = list(bodies(peer))
    if number == len(rest):
        peer.close()
        break
    said = Said()
    peer.send_message(blesec.CONTROL, rest[number])
    ends(peer)
    said.closed("protocol error")
    assert not said.secured()
    number += 1

for number in list(range(11)) + [12, 15, 21, 22]:
    tool, peer = shaken_server()
    peer.send_message(blesec.CONTROL, list(bodies(peer))[number])
    ends(peer)
    tool.ends(5, "protocol error")
    assert not tool.said.secured()

# An attacker in the middle enlarges the window, shrinks the values or pretends
# that there is another bearer; each side notices only by READY.
for value in (blesec.capability(window=100), blesec.capability(value_max=20),
              blesec.capability(bearers=3, psm=0x80),
              blesec.capability(more=b"\1")):
    tool, peer = shaken_server(value=value)
    peer.capability = blesec.capability()
    peer.send_ready()
    ends(peer)
    tool.ends(5, "protocol error")

    said = Said()
    peer = discovered()
    peer.capability = value
    peer.open()
    peer.handshake(client())
    peer.send_ready()
    ends(peer)
    said.closed("protocol error")
    assert not said.secured()

# The window in OPEN.
said = Said()
peer = discovered()
peer.open(window=2)
peer.window = 64
peer.handshake(client())
peer.send_ready()
ends(peer)
said.closed("protocol error")
assert not said.secured()
