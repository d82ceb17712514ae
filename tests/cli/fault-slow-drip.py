import threading
import time

from blesec_test import peer as blesec
from blesec_test.attack import Said, central, met, opened

failed = []
threading.excepthook = lambda how: failed.append(repr(how.exc_value))


def drip(peer, started):
    try:
        for octet in b"\x16\x03\x01\0\xf0\1\0\0\xec\3\3" + bytes(20):
            peer.tunnel.write(bytes([octet]))
            end = time.monotonic() + 1
            while (left := end - time.monotonic()) > 0:
                try:
                    peer.pump(left)
                except blesec.Late:
                    pass
    except blesec.LinkClosed:
        held = time.monotonic() - started
        if not 2 < held < 12:
            failed.append(f"{held:.1f} s")
        return
    failed.append("never let go")


def against_connect():
    started = time.monotonic()
    tool, peer = met("--timeout", "3")
    drip(peer, started)
    tool.ends(7, "timeout")


def requests():
    peer = central()
    started = time.monotonic()
    try:
        while time.monotonic() < started + 14:
            peer.link.send(b"\x02")
            time.sleep(1)
            try:
                peer.pump(0)
            except blesec.Late:
                pass
    except blesec.LinkClosed:
        return
    failed.append("one octet a second of ATT is never let go")


said = Said()
threads = [threading.Thread(target=against_connect),
           threading.Thread(target=requests)]
for thread in threads:
    thread.start()
started = time.monotonic()
drip(opened(), started)
for thread in threads:
    thread.join()
said.closed("timeout")
assert not failed, failed
