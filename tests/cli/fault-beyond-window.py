import subprocess

from blesec_test import peer as blesec
from blesec_test.attack import B, PEER, SERVE, T, client, ends, opened, server

flood = b"\x10\x40\x00" + b"f" * 0x4000       # one data message


def stall(peer):
    """Send messages until no window is left; returns how many were whole."""
    whole = 0
    while whole < 20000:
        peer.tls.write(flood)
        peer.tunnel.write(peer.outgoing.read())
        try:
            peer.wait(lambda: not peer.tunnel.queue, 3)
        except blesec.Late:
            return whole
        whole += 1
    raise AssertionError("300 megabytes wait for a reader")


def tool(name, *options):
    with open(f"{T}/{name}.err", "wb") as err:
        return subprocess.Popen(
            [f"{B}/tools/{name}", *options], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=err)


# Nobody reads what serve prints.
serve = tool("blesec-serve", "--dir", f"{T}/peripheral", SERVE)
assert b"listening" in serve.stdout.readline()
peer = opened()
peer.handshake(client())
peer.ready()
stall(peer)
assert peer.tunnel.outstanding() == peer.tunnel.peer_window
peer.tunnel.segment(b"beyond")
ends(peer)
serve.kill()
serve.wait()

# Nobody reads what connect prints either.
listener = blesec.listen(PEER)
connect = tool("blesec-connect", "--dir", f"{T}/central", PEER)
peer = blesec.Peripheral(listener.accept()[0])
peer.secure(server())
stall(peer)
assert peer.tunnel.outstanding() == peer.tunnel.peer_window
peer.tunnel.segment(b"beyond")
ends(peer)
connect.kill()
connect.wait()
