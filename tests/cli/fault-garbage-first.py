import random

from blesec_test.attack import (
    Said, central, discovered, ends, events, good, secured)
from blesec_test.harness import eventually

rng = random.Random(1)
watch = secured()               # stays through all of this


def values():
    """First values for inbound."""
    yield from (b"", b"\0", b"\0\0", b"\0\0\1", b"\0\0\1\0", b"\0\0\1\x80",
                b"\0\0\1\xff", b"\0\0\0\x40", b"\0\0\2\x40", b"\1\0\1\x40",
                b"\0\1\1\x40", b"\xff\xff\xff\xff", b"{\"type\":\"hello\"}",
                b"\0\0\1\x40" + b"GET / HTTP/1.1\r\n\r\n",
                b"\0\0\1\x40" + b"\x16\x03\x01\xff\xff",
                b"\0\0\1\x40" + b"\x16\x03\x01\0\0",
                b"\0\0\1\x40" + b"\x15\x03\x03\0\2\2\0",
                b"\0\0\1\x40" + b"\x17\x03\x03\0\x20" + bytes(32),
                b"\0\0\1\x40" + bytes(500), bytes(512), b"\xff" * 512)
    for _ in range(20):
        yield rng.randbytes(rng.randrange(512))


for value in values():
    said = Said()
    peer = discovered()
    peer.write_inbound(value)
    ends(peer)
    # A valid header may wait for more, which never comes.
    said.closed("protocol error", "timeout")
    assert not said.secured()
    watch.alive()

# Garbage as the first PDU of the link.
for pdu in [bytes([opcode]) for opcode in range(256)] + [
        bytes([opcode]) + rng.randbytes(rng.randrange(1, 600))
        for opcode in range(256)]:
    peer = central()
    peer.link.send(pdu)
    peer.close()
    watch.alive()
good("after-garbage")

watch.send(b"still-here")
eventually("the other peer is heard", lambda: any(
    e.get("text") == "still-here" for e in events("serve")))
watch.bye()
