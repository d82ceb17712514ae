import os
import signal
import struct
import subprocess
import sys
import time

from blesec_test import intrude
from blesec_test.harness import children, eventually, events
from blesec_test.peripheral import (
    INDICATE, NOTIFY, READ, WRITE, Peripheral, error)
from blesec_test.secured import Secured

B, T = os.environ["B"], os.environ["T"]
name = sys.argv[1]
part, turn = name.split("-")[0], int(name.split("-")[1])
pack = struct.pack

sensor = Peripheral(name + ".peripheral")
sensor.service(0x180d)
rate = sensor.characteristic(0x2a37, NOTIFY | READ, b"\0\x48")
point = sensor.characteristic(0x2a39, READ | WRITE | INDICATE, b"value")
sensor.service(0x180f)
level = sensor.characteristic(0x2a19, READ, b"\x40")
sensor.plug()
serve = subprocess.Popen(
    [f"{B}/tools/blesec-serve", "--dir", "sensor", "--gateway",
     f"unix:{T}/{name}.peripheral", f"unix:{T}/{name}"], stdin=sys.stdin,
    stdout=open(name + ".json", "w"), stderr=open(name + ".err", "w"))


def times(state):
    return [e["state"] for e in events(
        name + ".json", "peripheral")].count(state)


def processes():
    return [p for p in children(serve.pid)
            if intrude.name(p) == "blesec-gateway"]


eventually("a socket", lambda: os.path.exists(name) and processes())
gate, = processes()


def good():
    """The next link works: it is discovered, and gives a value."""
    before = times("ready")
    sensor.edit = lambda _, answer: answer
    sensor.accept()
    eventually("ready", lambda: times("ready") == before + 1)
    assert processes() == [gate], "it is another process"


def lost(what, before):
    try:
        eventually("the link is given up",
                   lambda: times("gone") == before + 1, 15)
    except AssertionError:
        raise AssertionError(f"{what}: the link is not given up") from None


def entry(h, v, u):
    return pack("<HBHH", h, READ, v, u)


CHARACTERISTICS = b"\x08\2\0\7\0\3\x28"


def discoveries():
    """Yield (start of a discovery request, the answer to it)."""
    for op in 0x02, 0x10, 0x08, 0x04:
        yield bytes([op]), b"\x13"                       # to no request
        yield bytes([op]), bytes([op + 1])               # empty
        yield bytes([op]), bytes([0x01, op])             # a cut error
        yield bytes([op]), error(op, 1, 0)               # error 0
        yield bytes([op]), error(op ^ 6, 1, 0x0a)        # to another request
        yield bytes([op]), error(op, 1, 0x0a) + b"\0"
        yield bytes([op]), bytes([op + 3, 6]) + bytes(6)
    yield b"\x02", b"\x03\x17"
    yield b"\x02", b"\x03\x05\x02\0"
    yield b"\x02", [b"\x03\x05\x02", b"\x03\x05\x02"]
    # Services in the wrong order, of the wrong size or range.
    yield b"\x10", b"\x11\x06" + pack("<HHH", 5, 4, 0x180d)
    yield b"\x10", b"\x11\x06" + pack("<HHH", 0, 4, 0x180d)
    yield b"\x10", b"\x11\x06" + pack("<HHHHHH", 5, 9, 0x180d, 1, 4, 0x180f)
    yield b"\x10", b"\x11\x06" + pack("<HHHHHH", 1, 9, 0x180d, 5, 9, 0x180f)
    yield b"\x10", b"\x11\x06" + pack("<HH", 1, 4)
    yield b"\x10", b"\x11\x03" + pack("<HB", 1, 4)
    yield b"\x10", b"\x11\x00" + pack("<HH", 1, 4)
    yield b"\x10", b"\x11\xff" + pack("<HH", 1, 4) + bytes(251)
    yield b"\x10", b"\x11\x05" + pack("<HHB", 1, 4, 0)
    # longer than the MTU
    yield b"\x10", b"\x11\x06" + pack("<HHH", 1, 4, 0x180d) * 40
    yield b"\x10", bytes(600)
    # Characteristics.
    for value in 0, 1, 2, 9, 0xffff:
        yield CHARACTERISTICS, b"\x09\x07" + entry(2, value, 0x2a37)
    yield (CHARACTERISTICS,
           b"\x09\x07" + entry(4, 5, 0x2a37) + entry(2, 3, 0x2a38))
    yield CHARACTERISTICS, b"\x09\x07" + entry(0x300, 0x301, 0x2a37)
    yield CHARACTERISTICS, b"\x09\x06" + entry(2, 3, 0x2a37)[:6]
    yield CHARACTERISTICS, b"\x09\x07" + entry(2, 3, 0x2a37)[:5]
    # Descriptors.
    yield b"\x04", b"\x05\x03" + pack("<HH", 4, 0x2902)
    yield b"\x04", b"\x05\x01" + pack("<HHB", 4, 0x2902, 0)
    yield b"\x04", b"\x05\x01" + pack("<HHHH", 5, 0x2902, 4, 0x2901)
    yield b"\x04", b"\x05\x01" + pack("<HH", 0x100, 0x2902)
    yield b"\x04", b"\x05\x01"


def never_an_answer(op):
    """Yield PDUs that answer no request."""
    yield b"\x0d"
    yield b"\x19" + bytes(4)
    yield b"\x01" + bytes([op])
    yield error(op, rate, 0)
    yield error(op ^ 8, rate, 1)
    yield error(op, rate, 1) + b"x"
    yield bytes(520)


# (a central's request, the peripheral's answer)
READ_IT = b"\x0a" + pack("<H", point)
PART = b"\x0c" + pack("<HH", point, 1)
SERVICES = b"\x10" + pack("<HHH", 1, 0x20, 0x2800)
BY_VALUE = b"\x06" + pack("<HHH", 1, 0x20, 0x2800) + b"\x0d\x18"
TYPES = b"\x08" + pack("<HHH", 1, 0x20, 0x2803)
KINDS = b"\x04" + pack("<HH", 1, 0x20)
SEVERAL = b"\x0e" + pack("<HH", point, level)
LENGTHS = b"\x20" + pack("<HH", point, level)
WRITE_IT = b"\x12" + pack("<H", point) + b"x"
PREPARE = b"\x16" + pack("<HH", point, 0) + b"x"


def answers():
    for pdu in READ_IT, SERVICES, TYPES, KINDS, WRITE_IT, PREPARE:
        for answer in never_an_answer(pdu[0]):
            yield pdu, answer
    yield READ_IT, b"\x0b" + bytes(513)
    yield PART, b"\x0d" + bytes(513)
    yield WRITE_IT, b"\x13\0"
    yield PREPARE, b"\x17\0\0\0"
    yield PREPARE, b"\x17" + PREPARE[1:] + b"more"
    yield SEVERAL, b"\x21\1\0x"
    yield LENGTHS, b"\x21\1\0x\1\0x\1\0x"
    yield LENGTHS, b"\x21\1\0x\1"
    for size in 0, 1, 3, 5, 9:
        yield SERVICES, bytes([0x11, size]) + pack("<HHH", 1, 4, 0x180d)
    yield SERVICES, b"\x11\x06" + pack("<HHH", 0x21, 0x22, 0x180d)
    yield SERVICES, b"\x11\x06" + pack("<HHH", 4, 1, 0x180d)
    yield SERVICES, b"\x11\x06" + pack("<HHH", 1, 4, 0x180d) * 2
    yield BY_VALUE, b"\x07" + pack("<HHH", 1, 4, 0)
    yield BY_VALUE, b"\x07"
    yield BY_VALUE, b"\x07" + pack("<HH", 0, 4)
    yield TYPES, b"\x09\x07" + entry(0x21, 0x22, 0x2a37)
    yield TYPES, b"\x09\x01\x07"
    yield TYPES, b"\x09\x07" + entry(2, 3, 0x2a37) + pack("<HB", 5, READ)
    yield KINDS, b"\x05\x03" + pack("<HH", 1, 0x2800)
    yield KINDS, b"\x05\x02" + pack("<HH", 1, 0x2800)
    yield KINDS, b"\x05\x01" + pack("<HH", 0x21, 0x2800)
    yield KINDS, b"\x05\x01" + pack("<HHHH", 2, 0x2800, 1, 0x2803)


def unasked():
    for op in 0x01, 0x03, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f, 0x11, 0x13, \
            0x17, 0x19, 0x21:
        yield [bytes([op])]
        yield [bytes([op, 4, 1, 0, 1, 0, 0])]
    for op in 0x1b, 0x1d:
        yield [bytes([op])]
        yield [bytes([op, 2])]
        yield [bytes([op]) + bytes(2) + b"of nothing"]
        yield [bytes([op]) + pack("<H", rate) + bytes(514)]
        yield [bytes([op]) + pack("<H", rate) + bytes(513)]
    yield [b"\x23" + pack("<HH", rate, 5) + b"four"]
    yield [b"\x23" + pack("<H", rate)]
    yield [b"\x23" + pack("<HH", 0, 0)]
    yield [b"\x23" + pack("<HH", rate, 1)]
    yield [b"\x1d" + pack("<H", point) + b"1"] * 2      # not confirmed yet
    yield [bytes(518)]
    yield [b"\x0a\1\0"] * 5000                          # who does not wait


turns = 0


def share(of_all):
    """Each of three processes tries every third case."""
    return list(of_all)[turn::3]


def is_it(pdu, allowed):
    global turns
    turns += 1
    assert pdu in allowed, pdu


if part == "discovery":
    good()
    for request, answer in share(discoveries()):
        before = times("gone")
        sensor.hang_up()
        eventually("gone", lambda: times("gone") == before + 1)
        ready = times("ready")

        def lie(pdu, proper, request=request, answer=answer):
            return answer if pdu.startswith(request) else proper
        sensor.edit = lie
        sensor.accept()
        lost((request, answer), before + 1)
        assert times("ready") == ready, (request, answer)
        good()
        turns += 1
    assert turns > 17, turns
elif part == "answers":
    good()
    central = Secured("phone", name)
    for pdu, answer in share(answers()):
        before = times("gone")

        def lie(asked, proper, pdu=pdu, answer=answer):
            return answer if asked == pdu else proper
        sensor.edit = lie
        handle = 0 if pdu[0] == 0x18 else struct.unpack("<H", pdu[1:3])[0]
        central.seconds = 15
        try:
            is_it(central.request(pdu), [error(pdu[0], handle, 0x0e)])
        except TimeoutError:
            raise AssertionError(f"no answer: {pdu}, {answer}") from None
        lost((pdu, answer), before)
        good()
        assert central.read(level) == b"\x40"
        if pdu[0] == 0x16:
            assert central.request(b"\x18\0") == b"\x19"
    assert not central.heard and turns > 15, turns
    central.bye()
else:
    good()
    central, other = Secured("phone", name), Secured("phone", name)
    central.write(rate + 1, b"\1\0")
    central.write(point + 1, b"\2\0")
    for pdus in unasked():
        before = times("gone")
        # A subscriber does not confirm the first of two indications.
        if len(pdus) > 2:
            # It does not read its answers either.
            sensor.edit = lambda *_: time.sleep(1)
        for pdu in pdus:
            if not sensor.send(pdu):
                break
        lost(pdus[:2], before)
        good()
        eventually("subscribed again", lambda: sensor.bits(rate) == 1
                   and sensor.bits(point) == 2)
        want = [(point, b"1")] if len(pdus) == 2 else []
        heard = central.listen(0.05, len(want))
        assert heard == want, (pdus, heard)
        assert other.read(level) == b"\x40"
        assert not other.heard
        turns += 1
    assert turns > 40
    # Not faults: values that nobody subscribed to, and confirmations.
    before = times("gone")
    for n in range(30000):
        if n % 1000 == 0:
            central.peer.alive()
            other.peer.alive()
        sensor.notify(level, b"%d" % n)
        sensor.send(pack("<BH", 0x1b, 0xfff1) + b"own")
        sensor.send(pack("<BH", 0x1b, 0x7777) + b"unknown")
    for handle in level, 0xfff1, 0x7777:
        sensor.indicate(handle, b"unwanted")
    # Client requests to a server that has no attributes.
    asked = len(sensor.asked)
    for pdu in (b"\x10\1\0\xff\xff\0\x28", b"\x0a\1\0", b"\x12\1\0x",
                b"\x16\1\0\0\0x", b"\0", b"\x3f", b"\x52\1\0x",
                b"\xd2\1\0" + bytes(13)):
        sensor.send(pdu)
        time.sleep(0.05)
    assert central.listen(0.5) == other.listen(0.1) == []
    assert central.read(level) == other.read(level) == b"\x40"
    assert times("gone") == before
    assert all(p[0] in (0x01, 0x0a) for p in sensor.asked[asked:])
    assert all(p[0] != 0x01 or p[4] in (1, 6, 0x0a)
               for p in sensor.asked[asked:])

    # The process is confined like a peer's process, and has no key.
    def status(pid):
        with open(f"/proc/{pid}/status") as file:
            return {k: v.strip() for k, v in
                    (line.split(":", 1) for line in file)}
    peer = status(intrude.workers(serve.pid)[0])
    own = status(gate)
    with open("sanitized") as file:
        sanitized = "asan" in file.read()
    for field in ("Seccomp", "Seccomp_filters", "NoNewPrivs", "CapEff"):
        assert own.get(field) == peer.get(field), (field, own, peer)
    assert sanitized or (own["Seccomp"], own["NoNewPrivs"]) == ("2", "1"), own
    limits = [[line for line in open(f"/proc/{pid}/limits")
               if line.startswith(("Max file size", "Max processes",
                                   "Max core"))]
              for pid in (gate, intrude.workers(serve.pid)[0])]
    assert limits[0] == limits[1], limits
    sockets = [os.readlink(f"/proc/{gate}/fd/{n}")
               for n in os.listdir(f"/proc/{gate}/fd")]
    # Its sockets lead to the parent, to where links come from, and to the
    # link; none leads to the key, and stdin is /dev/null.
    assert sorted(s.split(":")[0] for s in sockets) == sorted(
        ["/dev/null"] * 2 + [f"{T}/{name}.err"] + ["socket"] * 3), sockets

    # When it is killed, all peers are told and the exit status is a failure.
    os.kill(gate, signal.SIGKILL)
    assert serve.wait(10) == 1, serve.returncode
    assert "the process of the gateway has ended" in open(name + ".err").read()
    for c in central, other:
        try:
            c.receive(5)
            raise AssertionError("it goes on")
        except EOFError:
            assert c.peer.answered, "no goodbye"
    print("all", turns)
    sys.exit()

assert processes() == [gate]
serve.terminate()
assert serve.wait(10) == 0
print("all", turns)
