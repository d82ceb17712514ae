import sys

from blesec_test.attack import T, client, events, opened
from blesec_test.harness import eventually

plain = sys.argv[1]
ctx = client()
ctx.keylog_filename = f"{T}/known"
peer = opened()
peer.handshake(ctx)
peer.ready()
peer.send(plain.encode())
eventually("heard", lambda: any(e.get("text") == plain
                                for e in events("serve")))
with open(f"{T}/serve.in", "w", encoding="ascii") as lines:
    print(plain, file=lines, flush=True)
assert peer.receive() == plain.encode()
peer.bye()
