import os
import time

from blesec_test import toytls
from blesec_test.intrude import session

SERVE_PID = int(os.environ["SERVE_PID"])
REQUEST = b" " * 64 + toytls.CONTEXTS["server"] + b"\0" + bytes(32)


def signatures(sessions):
    """One signature for each of them, all together."""
    for _, sock in sessions:
        sock.send(REQUEST)
    for _, sock in sessions:
        sock.settimeout(20)
        assert len(sock.recv(4096)) > 12


sessions = [session(SERVE_PID) for _ in range(72)]
# Count from the first session: while this test is delayed, the key may sign
# more.
start = time.monotonic()
signatures(sessions[:32])
# Sessions that ask and disconnect before their turn.
for peer, sock in sessions[32:42]:
    sock.send(REQUEST)
    sock.close()
    peer.close()
time.sleep(0.5)
signatures(sessions[42:])
took = time.monotonic() - start
assert took > 2.8, f"62 signatures in {took:.2f} s"
