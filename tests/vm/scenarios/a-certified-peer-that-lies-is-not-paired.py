import json
import os
import subprocess
import sys
import time

from blesec_test import le, peer as blesec
from blesec_test.harness import eventually, events

T, HCI0, HCI1 = (os.environ[name] for name in ("T", "HCI0", "HCI1"))
OOB, OFFER, READY, RESULT, REFUSE = 3, 1, 2, 3, 4
CENTRAL, PERIPHERAL = 1, 0


def octets(address):
    return bytes.fromhex(address.replace(":", ""))[::-1]


def tool(*args, text=None):
    return subprocess.run(
        ("blesec-oob",) + args, input=text, text=True,
        stdout=subprocess.PIPE, timeout=60, check=True).stdout


def read(adapter):
    return json.loads(tool("read", adapter))


def offer(data, address=None, kind=1, role=CENTRAL):
    return (bytes([OFFER, 0]) + octets(address or data["address"])
            + bytes([kind, role]) + bytes.fromhex(data["confirm"])
            + bytes.fromhex(data["rand"]))


def add(adapter, address, message):
    tool("add", adapter, text=json.dumps({
        "address": address, "type": "public",
        "confirm": message[10:26].hex(), "rand": message[26:].hex()}))


def said(name, event):
    return len(events(f"{T}/{name}.json", event))


def hears(peer, kind):
    got, body = peer.receive_message()
    if (got, body) == (blesec.CONTROL, bytes([blesec.END])):
        got, body = peer.receive_message()
    assert (got, body[0]) == (OOB, kind), (got, body.hex())
    return body


def central():
    eventually("no link", le.no_links)
    peer = blesec.Central(le.connect(HCI0, HCI1), 30)
    peer.secure(blesec.context("central", T + "/phone"))
    return peer


def to_serve():
    data = read("hci0")
    for lie in ({"address": "00:AA:01:0F:00:0F"}, {"kind": 2},
                {"role": PERIPHERAL}):
        fallbacks = said("serve", "fallback")
        peer = central()
        peer.send_message(OOB, offer(data, **lie))
        hears(peer, OFFER)
        assert hears(peer, REFUSE)[1] == 3
        eventually("a fallback",
                   lambda: said("serve", "fallback") == fallbacks + 1)
        peer.send(b"still here")
        peer.bye()
    eventually("three messages", lambda: said("serve", "message") == 3)

    # All is as it should be, but nobody pairs.
    peer = central()
    peer.send_message(OOB, offer(data))
    hears(peer, OFFER)
    hears(peer, READY)
    peer.send_message(OOB, bytes([READY]))
    peer.send_message(OOB, bytes([RESULT, 0]))
    time.sleep(3)
    assert said("serve", "paired") == 0
    peer.bye()

    # The truth, and then the same once more.
    data = read("hci0")
    for paired in 1, 0:
        before = said("serve", "paired")
        peer = central()
        peer.send_message(OOB, offer(data))
        add("hci0", HCI1, hears(peer, OFFER))
        hears(peer, READY)
        peer.send_message(OOB, bytes([READY]))
        done = subprocess.run(
            ("blesec-oob", "pair", "hci0", HCI1, "--hold", "4"),
            stdout=subprocess.PIPE, text=True, timeout=60, check=False)
        assert (done.returncode == 0) == paired, done
        if paired:
            assert hears(peer, RESULT)[1] == 0
            peer.send_message(OOB, bytes([RESULT, 0]))
            eventually("paired",
                       lambda: said("serve", "paired") == before + 1)
            assert le.security(peer.link.sock) == (4, 16)
            peer.bye()
            tool("unpair", "hci0", HCI1)
        peer.close()
    time.sleep(1)
    assert said("serve", "paired") == 1


def to_connect():
    listener = le.listen(HCI1)
    for lie in ({"address": "00:AA:01:0F:00:0F"}, {"kind": 2},
                {"role": CENTRAL}):
        with open(T + "/connect.json", "w", encoding="utf-8") as out:
            with subprocess.Popen(
                    ("blesec-connect", "--dir", T + "/phone", "--adapter",
                     "hci0", "--pair", HCI1), stdin=subprocess.PIPE,
                    stdout=out) as process:
                peer = blesec.Peripheral(listener.accept()[0], 30)
                peer.secure(blesec.context("peripheral", T + "/sensor"))
                data = read("hci1")
                hears(peer, OFFER)
                peer.send_message(OOB, offer(data, **{"role": PERIPHERAL,
                                                      **lie}))
                assert hears(peer, REFUSE)[1] == 3
                process.stdin.write(b"still here\n")
                process.stdin.close()
                assert peer.receive() == b"still here"
                peer.end()
                peer.part()
                assert process.wait(60) == 0
        assert said("connect", "fallback") == 1
        assert said("connect", "paired") == 0
        peer.close()


{"serve": to_serve, "connect": to_connect}[sys.argv[1]]()
