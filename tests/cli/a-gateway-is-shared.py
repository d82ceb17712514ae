import os
import random
import signal
import struct
import subprocess
import sys
import threading
import time

from blesec_test.harness import eventually, events
from blesec_test.peripheral import INDICATE, NOTIFY, READ, WRITE, Peripheral
from blesec_test.secured import Secured

B, T = os.environ["B"], os.environ["T"]
CENTRALS, VALUES = 8, 40

sensor = Peripheral("peripheral")
sensor.service("7d0e0001-1f3c-4d5a-9a60-6f2b1c7e8d90")
values = [sensor.characteristic(0x2b00 + n, READ | WRITE, b"value %d" % n)
          for n in range(VALUES)]
sensor.service(0x180d)
rate = sensor.characteristic(0x2a37, NOTIFY | READ, b"rate")
point = sensor.characteristic(0x2a39, INDICATE | NOTIFY, b"point")
sensor.plug()
with open("serve.json", "w") as out, open("serve.err", "w") as err:
    serve = subprocess.Popen(
        [f"{B}/tools/blesec-serve", "--dir", "sensor", "--gateway",
         f"unix:{T}/peripheral", f"unix:{T}/link"], stdin=sys.stdin,
        stdout=out, stderr=err)
sensor.accept()


def told(event):
    return len(events("serve.json", event))


eventually("a socket", lambda: os.path.exists("link"))
centrals = [Secured("phone", "link")]
# The first may have to wait for the peripheral; the others find it there.
assert centrals[0].read(values[0]) == b"value 0"
assert centrals[0].states in ([1], [0, 1]), centrals[0].states
centrals += [Secured("phone", "link") for _ in range(CENTRALS - 1)]
assert all(c.states == [1] for c in centrals[1:]), [c.states for c in centrals]


def every(function, who=None):
    """Run it for all centrals at once; return their results."""
    results = {}

    def run(n, central):
        results[n] = function(n, central)
    threads = [threading.Thread(target=run, args=a)
               for a in enumerate(who or centrals)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == len(threads), f"only {sorted(results)}"
    return [results[n] for n in range(len(threads))]


# Requests of all kinds interleave with slow answers: each central gets its
# own.
def ask(n, central):
    rng = random.Random(n)
    for _ in range(60):
        handle = rng.choice(values)
        number = (handle - values[0]) // 2
        kind = rng.randrange(5)
        if kind < 2:
            assert central.read(handle) == b"value %d" % number
        elif kind == 2:
            assert central.read_blob(handle, 6) == b"%d" % number
        elif kind == 3:
            assert central.code(central.read, 0x1000 + n) == 1
            reply = central.request(struct.pack("<BH", 0x0a, 0x1000 + n))
            assert reply == struct.pack("<BBHB", 1, 0x0a, 0x1000 + n, 1)
        else:
            found = central.ask(struct.pack("<BHHH", 0x08, handle, handle,
                                            0x2b00 + number))
            value = b"value %d" % number
            assert found[1:] == struct.pack("<H", handle) + value
    return True


def late(_, answer):
    time.sleep(0.001)
    return answer


sensor.edit = late
every(ask)
sensor.edit = lambda _, answer: answer


# Each central writes its own value, and all see the result.
def write(n, central):
    for turn in range(20):
        central.write(values[n], b"%d of %d" % (turn, n))
    return [central.read(values[m])[-1:] for m in range(CENTRALS)] and True


every(write)
assert [c.read(values[n]) for n, c in enumerate(centrals)] == [
    b"19 of %d" % n for n in range(CENTRALS)]

# Subscriptions: the peripheral sees the union of what the centrals want.
heard = []
sensor.written = lambda handle, value: heard.append((handle, value))
for n in 0, 1, 2:
    centrals[n].write(rate + 1, b"\1\0")
centrals[2].write(point + 1, b"\2\0")
centrals[3].write(point + 1, b"\3\0")
centrals[4].write(point + 1, b"\2\0")
assert heard == [(rate + 1, b"\1\0"), (point + 1, b"\2\0"),
                 (point + 1, b"\3\0")], heard
assert [c.read(rate + 1)[0] for c in centrals] == [1, 1, 1, 0, 0, 0, 0, 0]
assert [c.read(point + 1)[0] for c in centrals] == [0, 0, 2, 3, 2, 0, 0, 0]


# Each central confirms for itself; the peripheral gets its confirmation when
# all have.
listening = []
COUNTS = 100, 100, 120, 21, 20, 0, 0, 0
gathered = threading.Thread(target=lambda: listening.extend(
    every(lambda n, c: c.listen(2, COUNTS[n]))))
gathered.start()
for n in range(100):
    sensor.notify(rate, b"r%d" % n)
    if n < 20:
        sensor.indicate(point, b"i%d" % n)
sensor.notify(point, b"notified")
gathered.join(60)
rates = [(rate, b"r%d" % n) for n in range(100)]
points = [(point, b"i%d" % n) for n in range(20)]


def only(heard, handle):
    return [h for h in heard if h[0] == handle]


assert [only(h, rate) for h in listening] == [rates] * 3 + [[]] * 5
assert only(listening[2], point) == only(listening[4], point) == points
assert only(listening[3], point) == points + [(point, b"notified")]
assert not any(only(listening[n], point) for n in (0, 1, 5, 6, 7))

# One central disconnects, and its subscriptions that no other shares are
# dropped.
heard.clear()
centrals[3].bye()
eventually("unsubscribed", lambda: heard == [(point + 1, b"\2\0")])
for n in 0, 1:
    centrals[n].write(rate + 1, b"\0\0")
assert len(heard) == 1, heard
centrals[2].peer.close()
eventually("unsubscribed", lambda: (rate + 1, b"\0\0") in heard)
del centrals[2:4]


# One prepares a write while the others wait for the single queue: writes are
# not mixed.
def long(n, central):
    central.write_long(values[n], b"%d" % n * 100, piece=30)
    return True


queue, executed = [], []


def prepare(pdu, answer):
    if pdu[0] == 0x16:
        queue.append(pdu)
        return b"\x17" + pdu[1:]
    if pdu[0] == 0x18:
        executed.append([p[5:] for p in queue])
        queue.clear()
        return b"\x19"
    return answer


sensor.edit = prepare
every(long)
assert len(executed) == len(centrals)
assert all(len(set(b"".join(e))) == 1 and len(b"".join(e)) == 100
           for e in executed), executed
sensor.edit = lambda _, answer: answer

# One is stopped while it has a subscription, a request and an indication.
with open("stopped.json", "w") as out:
    stopped = subprocess.Popen(
        [f"{B}/tools/blesec-connect", "--dir", "phone", "--notify", "2a37",
         "--indicate", "2a39", f"unix:{T}/link"], stdin=sys.stdin, stdout=out,
        stderr=subprocess.DEVNULL, start_new_session=True)
eventually("subscribed", lambda: sensor.bits(rate) == 1
           and open("stopped.json").read().count('"subscribed"') == 2)
centrals[0].write(rate + 1, b"\1\0")
os.killpg(stopped.pid, signal.SIGSTOP)
count = 20000
octets = b"x" * 500
before = told("closed")
start = time.monotonic()
got = []
reader = threading.Thread(target=lambda: got.extend(
    centrals[0].listen(4, count)))
reader.start()
for n in range(count):
    # Do not send faster than a reading central takes it.
    if n % 50 == 0:
        eventually("read", lambda: len(centrals[0].heard) >= n - 100)
    if n % 1000 == 0:
        for central in centrals[1:]:
            central.peer.alive()
    assert sensor.notify(rate, struct.pack("<I", n) + octets)
took = time.monotonic() - start
for n in range(1, len(centrals)):
    start = time.monotonic()
    assert centrals[n].read(values[30]) == b"value 30"
    assert time.monotonic() - start < 8
reader.join(60)
assert [struct.unpack("<I", v[:4])[0] for _, v in got] == list(range(count))
centrals[0].write(rate + 1, b"\0\0")
os.killpg(stopped.pid, signal.SIGKILL)
stopped.wait()
eventually("it is gone", lambda: told("closed") == before + 1)
eventually("nobody wants it", lambda: sensor.bits(rate) == 0)

# Another sleeps with an indication to confirm; the others' indications wait
# for it no longer than 10 s.
centrals[2].write(point + 1, b"\0\0")
centrals[1].write(point + 1, b"\2\0")
centrals[0].write(point + 1, b"\2\0")
start = time.monotonic()
confirming = threading.Thread(target=centrals[0].listen, args=(1,))
confirming.start()
sensor.indicate(point, b"late", 28)
assert 8 < time.monotonic() - start < 25, time.monotonic() - start
confirming.join()
assert centrals[0].read(values[30]) == b"value 30"

for n in 0, 2, 3, 4, 5:
    centrals[n].bye()
serve.terminate()
assert serve.wait(10) == 0
print(f"{count} in {took:.1f} s", file=sys.stderr)
