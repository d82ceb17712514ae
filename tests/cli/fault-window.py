from blesec_test import peer as blesec
from blesec_test.attack import (
    T, Said, client, discovered, ends, meet, opened, secured_server, server)

# OPEN: version, then the window of the central.
for first in (b"\1\0", b"\1\x80", b"\1\xff", b"\0\x40", b"\2\x40", b"\xff\1"):
    said = Said()
    peer = discovered()
    peer.write_inbound(b"\0\0" + first + b"\x16")
    ends(peer)
    said.closed("protocol error")

for window in 1, 2, 127:
    peer = opened(window)
    peer.handshake(client())
    peer.ready()
    peer.send(b"w" * 3000)
    peer.bye()

# The capability: versions, bearers, PSM, largest value, window.
for value in (blesec.capability(window=0), blesec.capability(window=128),
              blesec.capability(window=255), blesec.capability(value_max=0),
              blesec.capability(value_max=19),
              blesec.capability(value_max=513),
              blesec.capability(value_max=65535),
              blesec.capability(versions=0), blesec.capability(versions=2),
              blesec.capability()[:6], b"", blesec.capability(more=bytes(58)),
              blesec.capability(more=bytes(400))):
    tool, peer = meet(value=value)
    try:
        peer.accept()
        raise AssertionError(f"connect takes {value.hex()}")
    except blesec.LinkClosed:
        pass
    tool.ends(5, "protocol error")

for value in (blesec.capability(window=1), blesec.capability(window=127),
              blesec.capability(value_max=20),
              blesec.capability(versions=255),
              blesec.capability(more=bytes(57)),
              blesec.capability(bearers=3, psm=0x80)):
    tool, peer = meet("--count", "1", value=value)
    peer.secure(server())
    peer.send(b"w" * 3000)
    peer.part()
    tool.ends(0, "done")

# The largest value is respected.
tool, peer = meet(value=blesec.capability(value_max=100))
written, sizes = peer.written, []
peer.written = lambda handle, value: (sizes.append(len(value)),
                                      written(handle, value))
peer.secure(server())
tool.say("x" * 5000)
assert peer.receive() == b"x" * 5000
assert max(sizes) == 100, max(sizes)
tool.stop()
peer.close()

# The window is respected: a receiver that reads nothing gets no more.
tool, peer = secured_server(value=blesec.capability(window=5))
peer.tunnel.hold = True
start = peer.tunnel.expected
tool.say("y" * 60000)
peer.wait(lambda: peer.tunnel.expected > start)
try:
    peer.wait(lambda: False, 1)
except blesec.Late:
    pass
assert peer.tunnel.expected - start <= 5
peer.tunnel.release()
assert peer.receive() == b"y" * 60000
tool.stop()
peer.close()

peer = opened(window=3)
peer.handshake(client())
peer.ready()
peer.tunnel.hold = True
start = peer.tunnel.expected
with open(f"{T}/serve.in", "w", encoding="ascii") as lines:
    print("z" * 60000, file=lines, flush=True)
peer.wait(lambda: peer.tunnel.expected > start)
try:
    peer.wait(lambda: False, 1)
except blesec.Late:
    pass
assert peer.tunnel.expected - start <= 3
peer.tunnel.release()
assert peer.receive() == b"z" * 60000
peer.bye()
