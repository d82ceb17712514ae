#!/usr/bin/env bash
# A gateway's peripheral is unplugged and plugged in again 50 times, by two
# gateways at a time: subscriptions come back by themselves, and each central
# gets each value that it subscribed to once and in order, and no other. While
# it is away, requests wait, for 20 s; and it is looked for less and less often.
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 T

identities
cat >common.py <<'PY'
import json, os, random, signal, struct, subprocess, sys, threading, time
from peripheral import INDICATE, NOTIFY, READ, Peripheral
from secured import Secured

B, T = os.environ["B"], os.environ["T"]
name = sys.argv[1]


def start(tool, *args, out):
    return subprocess.Popen([f"{B}/tools/blesec-{tool}", *args],
                            stdin=sys.stdin, stdout=open(out, "w"),
                            stderr=open(out + ".err", "w"))


def events(path, event):
    with open(path) as file:
        return [e for e in (json.loads(l) for l in file if l.endswith("\n"))
                if e["event"] == event]


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
PY

cat common.py - >rounds.py <<'PY'
import intrude

ROUNDS = 25
sensor.plug()
serve = gateway()
sensor.accept()
sensor.until("a listener", lambda: events(name + ".json", "listening"))
# Three centrals: of two values, of either.
WANT = {"a": (rate,), "b": (rate, level), "c": (level,)}
clients = {}
for who, handles in WANT.items():
    options = []
    for handle in handles:
        options += {rate: ("--notify", "2a37"),
                    level: ("--indicate", "2a19")}[handle]
    clients[who] = start("connect", "--dir", "phone", *options,
                         f"unix:{T}/{name}", out=f"{name}.{who}")
for who, handles in WANT.items():
    sensor.until("subscribed", lambda: len(events(
        f"{name}.{who}", "subscribed")) == len(handles))
reader = Secured("phone", name)

process, = (p for p in intrude.children(serve.pid)
            if intrude.name(p) == "blesec-gateway")
sent = {rate: [], level: []}
n = 0
for turn in range(ROUNDS + 1):
    sensor.until("a subscription again", lambda: sensor.bits(rate) == 1
                 and sensor.bits(level) == 2)
    assert sensor.bits(other) == 0
    # What nobody wants is sent all the same.
    assert sensor.notify(other, b"unwanted")
    for _ in range(random.randint(1, 60)):
        n += 1
        sent[rate].append(n)
        assert sensor.notify(rate, struct.pack("<I", n))
        # Not subscribed to in this way by anybody.
        assert sensor.notify(level, struct.pack("<I", n))
        if random.random() < 0.1:
            sent[level].append(n)
            sensor.indicate(level, struct.pack("<I", n))
    if turn == ROUNDS:
        break
    how = turn % 3
    if how == 1:
        # It goes with something unread, and a request unanswered; what it
        # sent before still counts.
        sensor.edit = sensor.hold
        reader.send(b"\x0a" + struct.pack("<H", other))
        sensor.until("asked", lambda: sensor.asked[-1][0] == 0x0a)
        reader.write_command(other, b"unread")
        sensor.until("written", lambda: sensor.unread())
        os.kill(process, signal.SIGSTOP)
        for _ in range(100):
            n += 1
            sent[rate].append(n)
            sensor.notify(rate, struct.pack("<I", n))
        sensor.reset()
        os.kill(process, signal.SIGCONT)
    sensor.unplug()
    if how == 1:
        # Nobody knows what has become of it: it is not asked again.
        assert reader.response() == struct.pack("<BBHB", 1, 0x0a, other, 0x0e)
        sensor.edit = lambda _, answer: answer
    sensor.until("gone", lambda: states()[-1] != "ready")
    if how == 2:
        # This one waits.
        reader.send(b"\x0a" + struct.pack("<H", other))
    sensor.plug()
    sensor.accept()
    if how == 2:
        assert reader.response() == b"\x0bthere"

# All of it, once, in order; of nothing else anything.
for who, handles in WANT.items():
    path = f"{name}.{who}"
    for handle, event in (rate, "notification"), (level, "indication"):
        want = sent[handle] if handle in handles else []
        got = lambda: [struct.unpack("<I", bytes.fromhex(e["value"]))[0]
                       for e in events(path, event) if e["handle"] == handle]
        try:
            sensor.until("all of it", lambda: len(got()) >= len(want))
        except AssertionError:
            pass
        assert got() == want, (who, event, len(want), len(got()), [
            x for x in want if x not in got()][:10])
    handles = {e["handle"] for e in events(path, "notification")
               + events(path, "indication")}
    assert handles == set(WANT[who]), handles
    told = [e["connected"] for e in events(path, "peripheral")]
    assert told == [True] + [False, True] * ROUNDS, (who, told)
# Looked for after a second, and only if it was not there then, after more.
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
PY

cat common.py - >away.py <<'PY'
# It is not there at first.
serve = gateway()
sensor.until("a listener", lambda: events(name + ".json", "listening"))
early = Secured("phone", name, mtu=0)
assert early.seconds >= 20
began = time.monotonic()
early.send(b"\x02\x05\x02")
sensor.until("looked for", lambda: states().count("waiting") >= 2)
sensor.plug()
sensor.accept()
# Who asked before it was there has an answer when it is.
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
PY
for n in 1 2; do
	python3 rounds.py "r$n" <&8 2>"r$n.said" &
	pids[n]=$!
done
python3 away.py a <&8 2>a.said &
pids[3]=$!
for n in 1 2; do
	wait "${pids[n]}" || fail "$(cat "r$n.said"; tail "r$n.json.err")"
done
wait "${pids[3]}" || fail "$(cat a.said a.json a.json.err)"
cat r1.said r2.said
