from blesec_test import peer as blesec
from blesec_test.attack import T, Said, central, ends, meet

said = Said()
with open(f"{T}/log", encoding="ascii") as log:
    lines = [line.split() for line in log]
peer = central()
for _, _, direction, _, octets in lines:
    pdu = bytes.fromhex(octets)
    if direction == "c2p":
        peer.link.send(pdu)
        if pdu[0] != blesec.WRITE_CMD:
            peer.link.recv(15)
ends(peer)
said.closed("protocol error", "refused by peer")
assert not said.secured() and not said.all("message")

# The recorded peripheral likewise means nothing to connect.
tool, peer = meet()
replies = [bytes.fromhex(line[4]) for line in lines if line[2] == "p2c"]
try:
    for reply in replies:
        if reply[0] != blesec.NOTIFY:
            peer.link.recv(15)
        peer.link.send(reply)
    ends(peer)
except blesec.LinkClosed:
    pass
tool.ends(5, "protocol error")
assert not tool.said.secured()
