import datetime
import os
import struct
import time

from blesec_test.attack import T, Said, central, ends, events
from blesec_test.harness import eventually
from blesec_test.runs import connect, preloaded, serve

CLOCK = f"{T}/clock"
HOUR, DAY = 3600, 24 * 3600
STEPS = HOUR, -HOUR, DAY, 400 * DAY, -400 * DAY, 20 * 365 * DAY, 0


def clock(offset):
    with open(CLOCK, "r+b" if os.path.exists(CLOCK) else "wb") as file:
        file.write(struct.pack("=q", offset))


def off(event):
    """Seconds that the time in an event is off."""
    then = datetime.datetime.fromisoformat(
        event["time"].replace("Z", "+00:00"))
    return then.timestamp() - time.time()


clock(0)
env = dict(preloaded("clock.so"), CLOCK_FILE=CLOCK)
server = serve("--timeout", "3", env=env)
tool = connect(env=env)
eventually("secured", lambda: tool.event("secured"))
eventually("secured", lambda: server.event("secured"))

# An open session.
for step in STEPS:
    clock(step)
    tool.say(f"from connect {step}")
    server.say(f"from serve {step}")
    for name, text in (("serve", f"from connect {step}"),
                       ("connect", f"from serve {step}")):
        found = eventually(text, lambda: [
            e for e in events(name) if e.get("text") == text])
        assert len(found) == 1
        assert abs(off(found[0]) - step) < 10, (found, step)
assert not tool.ended() and not server.event("closed")

# A handshake in progress.
for step in STEPS:
    said = Said()
    clock(0)
    start = time.monotonic()
    peer = central()
    peer.exchange_mtu()
    time.sleep(0.3)
    clock(step)
    ends(peer)
    took = time.monotonic() - start
    assert 2.9 < took < 10, f"{step}: {took:.1f} s, not 3"
    said.closed("timeout")
clock(0)

# --wait, of both tools.
for step in STEPS[:2]:
    clock(0)
    start = time.monotonic()
    waiting = connect("--wait", "2", env=env)
    eventually("secured", lambda: waiting.event("secured"))
    clock(step)
    assert waiting.end() == 0
    assert 1.9 < time.monotonic() - start < 9, time.monotonic() - start
clock(0)

# The next session checks certificates that are valid for a year from
# yesterday.
for step, status in ((0, 0), (400 * DAY, 4), (-400 * DAY, 4), (HOUR, 0),
                     (0, 0)):
    clock(step)
    late = connect("--wait", "1", env=env)
    got = late.end()
    assert got == status, f"{step}: connect exits {got}: {late.errors()}"
    if status:
        assert "clock" in late.errors(), late.errors()
    else:
        assert late.event("secured")
clock(0)

# The first session is still open.
tool.say("the last")
eventually("the last", lambda: any(
    e.get("text") == "the last" for e in events("serve")))
tool.process.terminate()
assert tool.end() == 0
assert server.end(stop=True) == 0
