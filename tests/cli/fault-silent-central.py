import time

from blesec_test import peer as blesec, toytls
from blesec_test.attack import T, Said, central, client, ends

said = Said()
peers = []


def step(function):
    peer = central()
    function(peer)
    peers.append((function.__name__, peer))
    return function


@step
def nothing(peer):
    pass


@step
def mtu(peer):
    peer.exchange_mtu()


@step
def service(peer):
    mtu(peer)
    peer.find_service()


@step
def characteristics(peer):
    mtu(peer)
    peer.find_tunnel()


@step
def capability(peer):
    characteristics(peer)
    peer.read_capability()


@step
def enabled(peer):
    peer.discover()


@step
def opened_only(peer):
    peer.discover()
    peer.open()
    peer.write(b"")


@step
def empty_segments(peer):
    opened_only(peer)
    for _ in range(10):
        peer.tunnel.segment()


@step
def half_a_hello(peer):
    peer.discover()
    peer.open()
    peer.start_tls(client())
    peer.edit = lambda data: data[:len(data) // 2]
    try:
        peer.tls.do_handshake()
    except blesec.ssl.SSLWantReadError:
        peer.flush_tls()


@step
def hello(peer):
    peer.discover()
    peer.open()
    toy = toytls.Toy(peer)
    toy.client_hello()
    peer.toy = toy


@step
def flight(peer):
    hello(peer)
    peer.toy.read_flight()


@step
def certificate(peer):
    flight(peer)
    peer.toy.send_certificate([f"{T}/central/cert.pem"])


@step
def verify(peer):
    certificate(peer)
    peer.toy.send_verify(f"{T}/central/key.pem")


@step
def finished(peer):
    verify(peer)
    peer.toy.send_finished()


@step
def half_ready(peer):
    finished(peer)
    peer.toy.send(b"\0\0\x0b\1\1")


# A central that keeps busy with other requests fares no better.
made = time.monotonic()
busy = central()
busy.exchange_mtu()
try:
    while time.monotonic() < made + 12:
        busy.find_service()
        time.sleep(0.1)
    raise AssertionError("an explorer is never let go")
except blesec.LinkClosed:
    held = time.monotonic() - made
    assert 3.2 < held < 11, f"an explorer is let go after {held:.1f} s"

for name, peer in peers:
    try:
        ends(peer, 5)
    except AssertionError as err:
        raise AssertionError(f"{name}: {err}") from err
said.closed("timeout", count=len(peers) + 1)
assert not said.secured()
