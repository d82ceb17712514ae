import random
import subprocess
import threading
import time

from blesec_test import toytls
from blesec_test.attack import T, garbage, good, opened
from blesec_test.harness import descriptors, eventually, family, memory
from blesec_test.runs import GROWTH, SANITIZED, connect, serve

COUNT = 5000
# A sanitizer looks for leaks at the end of each process.
CONNECTIONS = 100 if SANITIZED else 1000
HANDSHAKES = 75 if SANITIZED else 150
DRIPPING = 10 if SANITIZED else 40
PATIENCE = 30 if SANITIZED else 10
PAD = "x" * 300


def signatures():
    return server.errors().count("signer: signed")


def transfer(name, meanwhile=None):
    """Time all lines of a good peer while something else goes on."""
    tool = connect()
    eventually("secured", lambda: tool.event("secured"))
    start = time.monotonic()

    def write():
        tool.say(*(f"{name} {n} {PAD}" for n in range(COUNT)))
        tool.eof()

    def wait():
        assert tool.end(100) == 0, "the transfer is not whole"
        times.append(time.monotonic() - start)

    times = []
    threads = [threading.Thread(target=each) for each in (write, wait)]
    for thread in threads:
        thread.start()
    done = meanwhile() if meanwhile else None
    for thread in threads:
        thread.join()
    with open(f"{T}/serve.out", encoding="ascii") as file:
        numbers = [int(line.split(f'"{name} ')[1].split()[0])
                   for line in file if f'"text":"{name} ' in line]
    assert numbers == list(range(COUNT)), "lost, doubled or out of order"
    return times[0], done


def much_garbage():
    rng = random.Random(4)
    start = time.monotonic()
    for number in range(CONNECTIONS):
        garbage(rng, number % 5, 5)
    return time.monotonic() - start


def handshakes():
    """A flood of those who say ClientHello and no more; their number."""
    asked = signatures()
    start = time.monotonic()
    slowest = number = 0
    while number < HANDSHAKES and time.monotonic() < start + 2 * PATIENCE:
        peer = opened()
        toytls.Toy(peer).client_hello()
        peer.close() if number % 2 else held.append(peer)
        number += 1
        if number % 25 == 0:
            before = time.monotonic()
            good()
            slowest = max(slowest, time.monotonic() - before)
    took = time.monotonic() - start
    spent = signatures() - asked
    assert number > 40, number
    assert spent <= 32 + 10 * (took + 1) + 1, f"{spent} in {took:.1f} s"
    while held:
        held.pop().close()
    return number, spent, took, slowest


held = []
server = serve("-v", "-v", "--timeout", str(PATIENCE), "--max-peers", "128",
               stdin=subprocess.DEVNULL)
good()
eventually("quiet", lambda: len(family(server.pid)) == 2)
base = descriptors(server.pid)
alone, _ = transfer("alone")

loaded, (number, spent, took, slowest) = transfer("flood", handshakes)
assert slowest < PATIENCE, slowest
print(f"{number} handshakes begun in {took:.1f} s: {spent} signatures; a good "
      f"peer waited {slowest:.1f} s at most; transfer {loaded:.1f} s")

# Measure from here: memory for so many peers at once is kept for later ones.
eventually("quiet", lambda: len(family(server.pid)) == 2, 3 * PATIENCE)
rss = memory(server.pid)
before = signatures()
loaded, flood = transfer("garbage", much_garbage)
assert signatures() - before == 1, "garbage was worth a signature"
assert SANITIZED or loaded < 8 * alone + 10, (alone, loaded, flood)
good()
print(f"{COUNT} lines alone {alone:.1f} s, beside {CONNECTIONS} connections "
      f"of garbage (which took {flood:.1f} s) {loaded:.1f} s")

# About forty peers open the tunnel and send drop by drop.
dripping = [opened() for _ in range(DRIPPING)]


def drip():
    end = time.monotonic() + 4
    while time.monotonic() < end:
        for peer in dripping:
            peer.write(b"\x16")
        time.sleep(0.5)
    start = time.monotonic()
    good()
    return time.monotonic() - start


loaded, slowest = transfer("drip", drip)
assert slowest < PATIENCE, slowest
print(f"beside {DRIPPING} that drip: {loaded:.1f} s, "
      f"and a good peer {slowest:.1f} s")
for peer in dripping:
    peer.close()

handshakes()
eventually("nothing is left", lambda: len(family(server.pid)) == 2
           and descriptors(server.pid) <= base, 3 * PATIENCE)
grown = memory(server.pid) - rss
assert SANITIZED or grown < GROWTH, f"serve has grown by {grown} KiB"
print(f"memory: {grown} KiB more")
assert server.end(stop=True) == 0
