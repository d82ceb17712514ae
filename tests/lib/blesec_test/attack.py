# SPDX-License-Identifier: GPL-3.0-or-later
"""What the attacks of tests/cli have in common.

Against blesec-serve at unix:$T/serve:

    peer = opened()             # a Central: tunnel open, no TLS yet
    ...
    ends(peer)                  # serve has to close the link
    serve_said("protocol error")
    good()                      # and go on with others

Against blesec-connect, which comes to unix:$T/peer:

    tool, peer = meet()         # a Peripheral that has answered nothing yet
    ...
    tool.ends(5, "protocol error")
"""

import os
import select
import subprocess
import time

from blesec_test import harness, peer as blesec, toytls
from blesec_test.harness import eventually

B, T = os.environ["B"], os.environ["T"]
SERVE, PEER = f"unix:{T}/serve", f"unix:{T}/peer"


def events(name):
    """What a tool has printed."""
    return harness.events(f"{T}/{name}.out")


class Said:
    """Events of serve that come after this was made."""

    def __init__(self, name="serve"):
        self.name = name
        self.start = len(events(name))

    def all(self, event):
        return [e for e in events(self.name)[self.start:]
                if e["event"] == event]

    def closed(self, *reasons, count=1):
        """Sessions have been closed for these reasons, and none secured."""
        eventually(f"closed {reasons}, said are {self.all('closed')}",
                   lambda: sum(e["reason"] in reasons
                               for e in self.all("closed")) >= count)

    def secured(self):
        return bool(self.all("secured"))


# Peers of serve

def central(timeout=20.0):
    return blesec.Central(SERVE, timeout)


def garbage(rng, kind, times):
    """A connection of one kind of garbage, of six; the first says nothing."""
    peer = central()
    if kind == 1:
        peer.link.send(rng.randbytes(rng.randrange(1, 512)))
    elif kind == 2:
        peer.link.send(b"\x02\x05\x02")
    elif kind == 3:
        peer.link.send(b"\x52" + rng.randbytes(40))
    elif kind == 4:
        for _ in range(times):
            peer.link.send(rng.randbytes(20))
    elif kind == 5:
        peer.link.send(b"")
    peer.close()


def discovered(mtu=blesec.MTU_OFFERED):
    peer = central()
    peer.discover(mtu)
    return peer


def opened(window=64, mtu=blesec.MTU_OFFERED):
    peer = discovered(mtu)
    peer.open(window)
    return peer


def client(name="central", **how):
    return blesec.context("central", f"{T}/{name}", **how)


def server(name="peripheral", **how):
    return blesec.context("peripheral", f"{T}/{name}", **how)


def shaken():
    """The TLS handshake is done, READY not sent."""
    peer = opened()
    peer.handshake(client())
    return peer


def secured(name="central"):
    """Both sides have said so."""
    said = Said()
    peer = opened()
    peer.handshake(client(name))
    peer.ready()
    eventually("secured", said.secured)
    return peer


def ends(peer, seconds=15.0):
    """The other side closes the link in that time."""
    start = time.monotonic()
    if peer.tunnel:
        peer.tunnel.segment()   # what it waits for, up to two seconds
    while (left := start + seconds - time.monotonic()) > 0:
        try:
            peer.dispatch(peer.link.recv(left))
            if peer.tunnel and peer.tunnel.ack_sent != peer.tunnel.consumed:
                peer.tunnel.segment()
        except blesec.LinkClosed:
            peer.close()
            return time.monotonic() - start
        except blesec.Late:
            pass
        except blesec.Fault:
            pass            # after an attack the tunnel need not be in step
    raise AssertionError(f"the link is still there after {seconds} s")


def alert(function, *args):
    """The number of the alert that the other side answers with."""
    try:
        function(*args)
    except blesec.TlsError as err:
        return err.alert
    except toytls.Alert as err:
        return err.number
    except blesec.LinkClosed:
        return None
    return None


def expect_alert(numbers, function, *args):
    got = alert(function, *args)
    if got not in numbers:
        raise AssertionError(f"alert {got}, not one of {numbers}")


def good(text=None):
    """A good central is served and heard."""
    text = text or "good-" + os.urandom(6).hex()
    peer = secured()
    peer.send(text.encode())
    eventually("a good peer is heard",
               lambda: any(e.get("text") == text for e in events("serve")))
    peer.bye()


# Peers of either tool that send any certificate and signature

def toy_client(name, peer=None, key=None):
    """The client's handshake with that identity; returns the Toy."""
    toy = toytls.Toy(peer or opened())
    toy.client_hello()
    toy.read_flight()
    toy.send_certificate([f"{T}/{name}/cert.pem"])
    toy.send_verify(f"{T}/{key or name}/key.pem")
    toy.send_finished()
    return toy


def toy_server(name, peer, key=None):
    """The server's first flight with that identity; returns the Toy."""
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello()
    toy.encrypted_extensions()
    toy.certificate_request()
    toy.send_certificate([f"{T}/{name}/cert.pem"])
    toy.send_verify(f"{T}/{key or name}/key.pem")
    toy.send_finished()
    return toy


def central_is_refused(name, *alerts, key=None):
    said = Said()
    toy = toy_client(name, key=key)
    expect_alert(alerts, toy.receive)
    ends(toy.peer)
    said.closed("peer refused", "protocol error")
    assert not said.secured()


def peripheral_is_refused(name, *alerts, key=None,
                          end=(4, "peer refused")):
    tool, peer = met()
    toy = toy_server(name, peer, key)
    expect_alert(alerts, toy.read_client_flight)
    tool.ends(*end)
    assert not tool.said.secured()


# Peers of connect

class Tool:
    """A blesec-connect; stdin stays open until said()."""

    count = 0

    def __init__(self, *options, address=PEER):
        Tool.count += 1
        self.name = f"connect{Tool.count}"
        with open(f"{T}/{self.name}.out", "wb") as out, \
                open(f"{T}/{self.name}.err", "wb") as err:
            self.process = subprocess.Popen(
                [f"{B}/tools/blesec-connect", "--dir", f"{T}/central",
                 "--timeout", "5", *options, address],
                stdin=subprocess.PIPE, stdout=out, stderr=err)
        self.said = Said(self.name)

    def say(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def ends(self, status, reason, seconds=20.0):
        """It has to exit so, having closed for that reason."""
        got = self.process.wait(seconds)
        reasons = [e["reason"] for e in self.said.all("closed")]
        with open(f"{T}/{self.name}.err", encoding="utf-8") as file:
            text = file.read()
        if got != status or reasons != [reason] or "Sanitizer" in text:
            raise AssertionError(f"connect exits {got} {reasons}, not "
                                 f"{status} {reason}: {text}")

    def stop(self):
        self.process.kill()
        self.process.wait()


LISTENERS = {}


def meet(*options, value=blesec.capability(), timeout=20.0):
    """(Tool, Peripheral) of a new link."""
    if PEER not in LISTENERS:
        if os.path.exists(f"{T}/peer"):
            os.unlink(f"{T}/peer")
        LISTENERS[PEER] = blesec.listen(PEER)
    tool = Tool(*options)
    if not select.select([LISTENERS[PEER]], [], [], 20)[0]:
        raise AssertionError("connect does not come")
    sock = LISTENERS[PEER].accept()[0]
    return tool, blesec.Peripheral(sock, timeout, value)


def met(*options, **how):
    """(Tool, Peripheral) with the tunnel open."""
    tool, peer = meet(*options, **how)
    peer.accept()
    return tool, peer


def shaken_server(*options, **how):
    tool, peer = met(*options, **how)
    peer.handshake(server())
    return tool, peer


def secured_server(*options, **how):
    tool, peer = shaken_server(*options, **how)
    peer.ready()
    return tool, peer
