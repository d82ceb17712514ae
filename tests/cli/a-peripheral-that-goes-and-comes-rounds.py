from blesec_test import intrude

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
