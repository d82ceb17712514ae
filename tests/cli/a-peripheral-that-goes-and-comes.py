import itertools
import os
import random
import signal
import struct
import subprocess
import sys
import time

from blesec_test import intrude
from blesec_test.harness import children, eventually, events
from blesec_test.peripheral import INDICATE, NOTIFY, READ, Peripheral
from blesec_test.secured import Secured

B, T = os.environ["B"], os.environ["T"]
name = sys.argv[2]
ROUNDS = 25


def start(tool, *args, out):
    return subprocess.Popen([f"{B}/tools/blesec-{tool}", *args],
                            stdin=sys.stdin, stdout=open(out, "w"),
                            stderr=open(out + ".err", "w"))


def states():
    return [e["state"] for e in events(name + ".json", "peripheral")]


def gateway():
    return start("serve", "--dir", "sensor", "--gateway",
                 f"unix:{T}/{name}.peripheral", f"unix:{T}/{name}",
                 out=name + ".json")


sensor = Peripheral(name + ".peripheral")
sensor.service(0x180d)
rate = sensor.characteristic(0x2a37, NOTIFY)
level = sensor.characteristic(0x2a19, INDICATE | NOTIFY)
other = sensor.characteristic(0x2a38, NOTIFY | READ, b"there")
number = itertools.count(1)
sent = {rate: [], level: []}
WANT = {"a": (rate,), "b": (rate, level), "c": (level,)}


def start_clients():
    """Three centrals: one subscribes to both values, two to one each."""
    clients = {}
    for who, handles in WANT.items():
        options = []
        for handle in handles:
            options += {rate: ("--notify", "2a37"),
                        level: ("--indicate", "2a19")}[handle]
        clients[who] = start("connect", "--dir", "phone", *options,
                             f"unix:{T}/{name}", out=f"{name}.{who}")
    for who, handles in WANT.items():
        eventually("subscribed", lambda: len(events(
            f"{name}.{who}", "subscribed")) == len(handles))
    return clients


def send_some():
    """Some values of each kind, numbered from the last one on."""
    # Values without a subscriber are sent as well.
    assert sensor.notify(other, b"unwanted")
    for _ in range(random.randint(1, 60)):
        n = next(number)
        sent[rate].append(n)
        assert sensor.notify(rate, struct.pack("<I", n))
        # Nobody subscribed to this value in this way.
        assert sensor.notify(level, struct.pack("<I", n))
        if random.random() < 0.1:
            sent[level].append(n)
            sensor.indicate(level, struct.pack("<I", n))


def lose(how, reader, process):
    """Unplug the peripheral and bring it back, in one of three ways."""
    if how == 1:
        # It disappears with unread data and an unanswered request; what it
        # sent earlier still counts.
        sensor.edit = sensor.hold
        reader.send(b"\x0a" + struct.pack("<H", other))
        eventually("asked", lambda: sensor.asked[-1][0] == 0x0a)
        reader.write_command(other, b"unread")
        eventually("written", lambda: sensor.unread())
        os.kill(process, signal.SIGSTOP)
        for _ in range(100):
            n = next(number)
            sent[rate].append(n)
            sensor.notify(rate, struct.pack("<I", n))
        sensor.reset()
        os.kill(process, signal.SIGCONT)
    sensor.unplug()
    if how == 1:
        # Whether the write took effect is unknown, so it is not repeated.
        assert reader.response() == struct.pack("<BBHB", 1, 0x0a, other, 0x0e)
        sensor.edit = lambda _, answer: answer
    eventually("gone", lambda: states()[-1] != "ready")
    if how == 2:
        # This request waits.
        reader.send(b"\x0a" + struct.pack("<H", other))
    sensor.plug()
    sensor.accept()
    if how == 2:
        assert reader.response() == b"\x0bthere"


def numbers(path, event, handle):
    """Return the values that a central was sent for a handle."""
    return [struct.unpack("<I", bytes.fromhex(e["value"]))[0]
            for e in events(path, event) if e["handle"] == handle]


def all_in_order():
    """Each value came once and in order, and nothing else came."""
    for who, handles in WANT.items():
        path = f"{name}.{who}"
        for handle, event in (rate, "notification"), (level, "indication"):
            want = sent[handle] if handle in handles else []
            try:
                eventually("all of it", lambda: len(numbers(
                    path, event, handle)) >= len(want))
            except AssertionError:
                pass
            got = numbers(path, event, handle)
            assert got == want, (who, event, len(want), len(got), [
                x for x in want if x not in got][:10])
        handles = {e["handle"] for e in events(path, "notification")
                   + events(path, "indication")}
        assert handles == set(WANT[who]), handles
        told = [e["connected"] for e in events(path, "peripheral")]
        assert told == [True] + [False, True] * ROUNDS, (who, told)


def rounds():
    sensor.plug()
    serve = gateway()
    sensor.accept()
    eventually("a listener", lambda: events(name + ".json", "listening"))
    clients = start_clients()
    reader = Secured("phone", name)
    process, = (p for p in children(serve.pid)
                if intrude.name(p) == "blesec-gateway")
    for turn in range(ROUNDS + 1):
        eventually("a subscription again", lambda: sensor.bits(rate) == 1
                   and sensor.bits(level) == 2)
        assert sensor.bits(other) == 0
        send_some()
        if turn < ROUNDS:
            lose(turn % 3, reader, process)
    all_in_order()
    # The gateway looks again after a second, then at growing intervals.
    assert [e["state"] for e in events(name + ".json", "peripheral")
            if e.get("seconds", 1) == 1] == ["ready"] + [
        "gone", "waiting", "ready"] * ROUNDS, states()
    reader.receive = lambda *_: None
    for client in clients.values():
        client.terminate()
        assert client.wait(10) == 0
    serve.terminate()
    assert serve.wait(10) == 0
    print(name, len(sent[rate]), "and", len(sent[level]), file=sys.stderr)


def away():
    # The peripheral is absent at first.
    serve = gateway()
    eventually("a listener", lambda: events(name + ".json", "listening"))
    early = Secured("phone", name, mtu=0)
    assert early.seconds >= 20
    began = time.monotonic()
    early.send(b"\x02\x05\x02")
    eventually("looked for", lambda: states().count("waiting") >= 2)
    sensor.plug()
    sensor.accept()
    # A request sent before the peripheral came is answered once it is there.
    assert early.response() == b"\x03\x05\x02"
    assert early.states == [0, 1], early.states
    assert early.read(other) == b"there"
    sensor.unplug()
    began = time.monotonic()
    early.seconds = 30
    assert early.request(b"\x0a" + struct.pack("<H", other)) == struct.pack(
        "<BBHB", 1, 0x0a, other, 0x0e)
    took = time.monotonic() - began
    assert 19.5 < took < 28, took
    waiting = [e["seconds"] for e in events(name + ".json", "peripheral")
               if e["state"] == "waiting"]
    # Before and after "ready".
    before, after = waiting[:-5], waiting[-5:]
    assert before == [1, 2, 4, 8, 16][:max(len(before), 2)], waiting
    assert after == [1, 2, 4, 8, 16], waiting
    assert early.states == [0, 1, 0], early.states
    serve.terminate()
    assert serve.wait(10) == 0


{"rounds": rounds, "away": away}[sys.argv[1]]()
