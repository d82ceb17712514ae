from blesec_test.attack import (
    Said, ends, secured, secured_server, shaken, shaken_server)
from blesec_test.harness import eventually


def header(kind, size):
    return (kind << 20 | size).to_bytes(3, "big")


def message(kind, body):
    return header(kind, len(body)) + body


DATA, END, BYE = message(1, b"no"), message(0, b"\2"), message(0, b"\3\0")
EARLY = [DATA, END, message(1, b""), message(2, b"\2\0"), header(1, 65537)]
LATE = ([message(kind, b"no") for kind in range(3, 16)]
        # ATT: nothing, too much, an answer to nothing
        + [message(2, b""), message(2, bytes(518)), message(2, b"\x0b")]
        + [message(0, bytes([operation])) for operation in range(256)
           if operation in (0, 4, 5, 128, 255)]
        + [message(0, b""), message(0, b"\2\0"), message(0, b"\3"),
           message(0, b"\3\0\0"), END + DATA, END + END,
           header(1, 65537), header(1, 0xfffff), header(0, 65537),
           header(15, 0)])

for plain in EARLY:
    said = Said()
    peer = shaken()
    peer.send_plain(plain)
    ends(peer)
    said.closed("protocol error")
    assert not said.secured() and not said.all("message"), plain

for plain in LATE:
    said = Said()
    peer = secured()
    peer.send_plain(plain)
    ends(peer)
    said.closed("protocol error")
    assert not said.all("message"), plain

# READY a second time.
said = Said()
peer = secured()
peer.send_ready()
ends(peer)
said.closed("protocol error")

for plain in EARLY:
    tool, peer = shaken_server()
    peer.send_plain(plain)
    ends(peer)
    tool.ends(5, "protocol error")
    assert not tool.said.secured() and not tool.said.all("message"), plain

for plain in LATE[::3] + LATE[-8:]:
    tool, peer = secured_server()
    peer.send_plain(plain)
    ends(peer)
    tool.ends(5, "protocol error")
    assert not tool.said.all("message"), plain

# Messages at the limits and in pieces are good.
peer = secured()
said = Said()
peer.send(b"L" * 65536)
peer.send(b"")
for octet in message(1, b"octets"):
    peer.send_plain(bytes([octet]))
peer.send_plain(message(1, b"two in") + message(1, b"one"))
eventually("all five", lambda: len(said.all("message")) == 5, 10)
assert [e["text"] for e in said.all("message")] == [
    "L" * 65536, "", "octets", "two in", "one"]
peer.bye()
