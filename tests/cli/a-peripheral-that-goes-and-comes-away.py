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
