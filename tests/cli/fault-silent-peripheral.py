import threading
import time

from blesec_test import peer as blesec, toytls
from blesec_test.attack import T, Tool

failed = []
threading.excepthook = lambda how: failed.append(repr(how.exc_value))


def discovery(answers):
    """Silent after so many answers."""
    def run(peer):
        send, left = peer.link.send, [answers]

        def limited(pdu):
            left[0] -= 1
            if left[0] >= 0:
                send(pdu)
        peer.link.send = limited
        peer.accept()
    return run


def opened_only(peer):
    peer.accept()
    peer.wait(lambda: False)


def handshake(stop):
    def run(peer):
        peer.accept()
        toy = toytls.Toy(peer)
        toy.read_client_hello()
        steps = [
            lambda: toy.raw(b"\x16\3\3\0\x7a\2"),
            toy.server_hello, toy.encrypted_extensions,
            toy.certificate_request,
            lambda: toy.send_certificate([f"{T}/peripheral/cert.pem"]),
            lambda: toy.send_verify(f"{T}/peripheral/key.pem"),
            toy.send_finished, toy.read_client_flight,
            lambda: toy.send(b"\0\0\x0b\1\1")]
        for step in ([steps[0]] if stop == 0 else steps[1:stop + 1]):
            step()
        peer.wait(lambda: False)
    return run


def empty_segments(peer):
    peer.accept()
    while True:
        peer.tunnel.segment()
        peer.wait(lambda: True)
        time.sleep(0.2)
        peer.pump(0.01) if peer.replies else None
        if tool_gone(peer):
            return


def tool_gone(peer):
    try:
        peer.pump(0)
    except blesec.Late:
        return False
    except blesec.LinkClosed:
        return True
    return False


cases = ([("discovery", discovery(n)) for n in range(7)]
         + [("open", opened_only)]
         + [("handshake", handshake(n)) for n in range(9)]
         + [("empty segments", empty_segments)])


def run(number, name, behave):
    address = f"unix:{T}/peer{number}"
    listener = blesec.listen(address)
    tool = Tool("--timeout", "2", address=address)
    started = time.monotonic()
    peer = blesec.Peripheral(listener.accept()[0])
    try:
        behave(peer)
    except blesec.PeerError:
        pass
    try:
        tool.ends(7, "timeout")
        held = time.monotonic() - started
        assert 1.2 < held < 10, f"{held:.1f} s"
        assert not tool.said.secured()
    except Exception as err:
        failed.append(f"{name} {number}: {err!r}")


# Run a few at a time: each mostly waits.
for at in range(0, len(cases), 6):
    threads = [threading.Thread(target=run, args=(at + i, *case))
               for i, case in enumerate(cases[at:at + 6])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
assert not failed, "\n".join(failed)
