import collections
import os
import signal
import time

from blesec_test import intrude
from blesec_test.attack import PEER, T, events
from blesec_test.harness import descriptors, eventually, family
from blesec_test.runs import LONG, Cut, Wire, connect, serve

LINES = [f"line {n} " + "x" * 300 for n in range(5)]
# Each session runs a command that sends its lines and records what it gets.
COMMAND = ("sh", "-c", f"cat {T}/lines; exec cat >{T}/taken.$BLESEC_SESSION")
with open(f"{T}/lines", "w", encoding="ascii") as file:
    file.write("\n".join(LINES) + "\n")


def begin():
    global server, base
    server = serve("--lines", command=COMMAND)
    assert session(lambda *_: None)[0] == 0
    eventually("quiet", lambda: len(family(server.pid)) == 2)
    base = 2, descriptors(server.pid)


def settle(what="nothing"):
    eventually(f"nothing is left of {what}", lambda: (
        len(family(server.pid)), descriptors(server.pid)) <= base)


def taken():
    """Return what the last session's command was given."""
    numbers = [e["session"] for e in events("serve") if "session" in e]
    path = f"{T}/taken.{max(numbers, default=0)}"
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii") as file:
        return file.read().split("\n")[:-1]


def prefix(lines, what):
    assert lines == LINES[:len(lines)], f"{what}: {lines}"


def session(act, after=lambda: None):
    """Run a session, calling act at its PDUs; return (status, Wire)."""
    global tool
    with Wire(act) as wire:
        tool = connect(address=PEER)
        tool.say(*LINES)
        tool.eof()
        started = time.monotonic()
        status = tool.process.wait(28)
        took = time.monotonic() - started
        after()
    assert took < 25, f"{took} s"
    got = [e["text"] for e in events("connect") if e["event"] == "message"]
    prefix(got, "to connect")
    if status == 0:
        assert len(got) == len(LINES), got
        assert taken() == LINES, taken()
    return status, wire


def at(direction, number, do):
    def act(*here):
        if here == (direction, number):
            hits.append(here)
            do()
    return act


def cut():
    raise Cut


def kill_connect():
    tool.process.kill()


def stopped(pid):
    """For a moment, with all that it has started."""
    pids = family(pid)

    def signal_all(which):
        for one in pids:
            try:
                os.kill(one, which)
            except ProcessLookupError:
                pass
    signal_all(signal.SIGSTOP)
    time.sleep(0.15)
    signal_all(signal.SIGCONT)


def stop_connect():
    stopped(tool.pid)


def stop_serve():
    stopped(server.pid)


def kill_worker():
    """Kill the process that serve has for this peer."""
    for pid in intrude.workers(server.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass                # it has done its work


def kill_serve():
    server.process.kill()


FAULTS = {cut: {0, 5}, kill_connect: {0, -9}, kill_worker: {0, 5},
          stop_connect: {0}, stop_serve: {0}, kill_serve: {0, 5}}
base = (99, 99)
begin()
count = collections.Counter()
for fault, statuses in FAULTS.items():
    status, wire = session(lambda *_: None)
    assert status == 0, status
    total = dict(wire.passed)
    # A full run takes minutes, so each run picks other steps.
    step = 1 if LONG else 4 if fault != kill_serve else 9
    for direction, last in total.items():
        first = 1 if LONG else 1 + os.getpid() % step
        for number in range(first, last + 1, step):
            where = f"{fault.__name__} at {direction} {number} of {last}"
            hits = []
            status, _ = session(at(direction, number, fault))
            if not hits:
                continue
            assert status in statuses, f"{where}: connect exits {status}"
            assert status <= 0 or tool.errors(), f"{where}: nothing is said"
            count[fault.__name__] += 1
            if fault is kill_serve:
                server.process.wait()
                prefix(taken(), where)
                begin()
                continue
            settle(where)
            prefix(taken(), where)
    assert session(lambda *_: None)[0] == 0
    settle()
    assert not server.ended()
print(dict(count), total)
assert server.end(stop=True) == 0
