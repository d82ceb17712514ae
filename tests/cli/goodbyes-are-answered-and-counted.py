import time

from blesec_test import peer as blesec
from blesec_test.attack import ends, secured_server


def two_lines(*options):
    tool, peer = secured_server(*options)
    tool.say("one")
    tool.say("two")
    assert [peer.receive(), peer.receive()] == [b"one", b"two"]
    return tool, peer


# The peer says goodbye: with the true count, with others, having failed.
for reason, taken, status, closed in (
        (0, 2, 0, "peer closed"), (1, 2, 0, "peer closed"),
        (0, 1, 5, "cut short"), (1, 0, 5, "cut short"),
        (0, 3, 5, "cut short"), (0, 0xffffffff, 5, "cut short"),
        (2, 2, 5, "cut short"), (3, 2, 5, "cut short"),
        (255, 2, 5, "cut short")):
    tool, peer = two_lines()
    peer.send(b"a")
    peer.bye(reason, taken)
    assert peer.answered == (0, 1), peer.answered
    tool.ends(status, closed)

# The tool does: it awaits the answer.
for reason, taken, status, closed in (
        (0, 2, 0, "done"), (1, 2, 0, "done"), (0, 1, 5, "cut short"),
        (2, 2, 5, "cut short"), (3, 2, 5, "cut short")):
    tool, peer = two_lines()
    peer.end()
    tool.process.stdin.close()
    peer.await_bye()
    assert peer.answered == (0, 0), peer.answered
    peer.send_bye(reason, taken)
    peer.close_tls()
    ends(peer)
    tool.ends(status, closed)

# No answer but the end of TLS, or of the link.
for tls in True, False:
    tool, peer = two_lines()
    peer.end()
    tool.process.stdin.close()
    peer.await_bye()
    if tls:
        peer.close_tls()
        ends(peer)
    peer.close()
    tool.ends(5, "link lost")

# A peer that was sent nothing need not say what it took.
tool, peer = secured_server("--count", "1")
peer.send(b"one")
peer.await_bye()
peer.close()
tool.ends(0, "done")

# Nothing comes after BYE.
BYE = b"\0\0\6\3\0\0\0\0\0"
for more in b"\x10\0\2no", b"\0\0\1\2", BYE:
    tool, peer = secured_server()
    peer.send_plain(BYE + more)
    ends(peer)
    tool.ends(5, "protocol error")

# A stream has an end of each side.
for end, status in (False, 5), (True, 0):
    tool, peer = secured_server("--raw", "-v")
    tool.say("octets")
    tool.process.stdin.close()
    assert peer.receive() == b"octets\n" and peer.receive() is None
    if end:
        peer.end()
        time.sleep(0.1)
        try:
            peer.receive()
        except blesec.LinkClosed:
            peer.send_bye()
            peer.close_tls()
            ends(peer)
    else:
        peer.bye()
    assert tool.process.wait(20) == status
