import os
import select
import subprocess
import sys

from blesec_test import le, peer as blesec
from blesec_test.harness import eventually, events

HCI0, HCI1 = os.environ["HCI0"], os.environ["HCI1"]
LINES = 20


def cut_after(peer, index, last):
    """The link goes with PDU number last, of both directions."""
    send, recv = peer.link.send, peer.link.recv
    count = 0

    def one():
        nonlocal count
        count += 1
        if count == last:
            le.cut(index, peer.link.sock)

    def counted_send(pdu):
        send(pdu)
        one()

    def counted_recv(timeout):
        pdu = recv(timeout)
        one()
        return pdu

    peer.link.send, peer.link.recv = counted_send, counted_recv
    return lambda: count


def in_order(heard):
    assert heard == list(range(len(heard))), heard


def to_serve(last):
    """The number of PDUs of the session."""
    before = len(events("serve.json"))
    peer = blesec.Central(le.connect(HCI0, HCI1, seconds=30), 20)
    count = cut_after(peer, 0, last)
    try:
        peer.secure(blesec.context("central", "phone"))
        for n in range(LINES):
            peer.send(str(n).encode())
        peer.bye()
    except (blesec.PeerError, OSError):
        pass
    peer.close()
    closed = eventually(f"closed after {last}", lambda: [
        e for e in events("serve.json")[before:] if e["event"] == "closed"])
    assert not last or closed[0]["reason"] == "link lost", (last, closed)
    heard = [e["json"] for e in events("serve.json")[before:]
             if e["event"] == "message"]
    in_order(heard)
    assert last or len(heard) == LINES, heard
    eventually("no link", le.no_links)
    return count()


def converse(peer):
    """What the tool sends, until the link is lost or all is said."""
    heard = []
    try:
        peer.secure(blesec.context("peripheral", "sensor"))
        while (body := peer.receive()) is not None:
            heard.append(int(body))
        peer.end()
        peer.part()
    except (blesec.PeerError, OSError):
        pass
    peer.close()
    in_order(heard)
    return heard


def to_connect(listener, last):
    with open("lines", encoding="ascii") as lines, \
            open("connect.json", "wb") as out, subprocess.Popen(
                ("blesec-connect", "--dir", "phone", "--adapter", "hci0",
                 HCI1), stdin=lines, stdout=out) as tool:
        peer = blesec.Peripheral(listener.accept()[0], 20)
        count = cut_after(peer, 1, last)
        heard = converse(peer)
        lost = last
        # Not yet secured: it makes another link by itself.
        while tool.poll() is None:
            if select.select([listener], [], [], 0.1)[0]:
                heard = converse(
                    blesec.Peripheral(listener.accept()[0], 20))
                lost = 0
    said = events("connect.json")
    reasons = [e["reason"] for e in said if e["event"] == "closed"]
    secured = sum(e["event"] == "secured" for e in said)
    if lost:
        assert (tool.returncode, reasons) == (5, ["link lost"]), (last, said)
    else:
        assert (tool.returncode, len(heard)) == (0, LINES), (last, said)
    assert secured == 1, (last, said)
    eventually("no link", le.no_links)
    return count()


def sample(total):
    """Each of the first ones, where all differ, and some of the rest."""
    if not os.environ.get("BLESEC_LONG"):
        return [3, 10, total // 2 + 8]
    return [*range(1, 18, 2), *range(18, total - 6, max(1, total // 6))]


with open("lines", "w", encoding="ascii") as lines:
    for n in range(LINES):
        print(n, file=lines)
if sys.argv[1] == "serve":
    play = to_serve
else:
    at = le.listen(HCI1)

    def play(last):
        return to_connect(at, last)

total = play(0)
moments = sample(total)
for moment in moments:
    play(moment)
play(0)
print(f"{sys.argv[1]}: lost after {moments} of {total} PDUs")
