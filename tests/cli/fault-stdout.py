import json
import os
import subprocess
import time

from blesec_test.attack import T, events, good, opened
from blesec_test.harness import eventually, memory
from blesec_test.runs import GROWTH, connect, serve

DISK = f"{T}/disk/out"
LINES = [f"line {n}" for n in range(4)]


def disk(room):
    """A file on a disk with this much room."""
    out = open(DISK, "wb")
    out.write(b" " * (4096 - room - 1) + b"\n")
    out.flush()
    return out


def lines(path=DISK):
    with open(path, encoding="utf-8") as file:
        return [line for line in file.read().split("\n") if line.strip()]


def whole(texts):
    return [json.loads(line)["event"] for line in texts]


def heard():
    """What serve has got."""
    return [e["text"] for e in events("serve") if e["event"] == "message"]


# connect on a disk that fills up at any moment.
full = 0
for room in range(0, 1500, 60):
    server = serve()
    with disk(room) as out:
        tool = connect("--count", "1", stdout=out)
        tool.say(*LINES)
        eventually("heard", lambda: tool.ended() or len(heard()) == len(LINES))
        server.say("to connect")
        status = tool.end()
    if status == 0:
        assert whole(lines())[-1] == "closed", lines()
    else:
        full += 1
        assert status == 1, f"connect exits {status} with room {room}"
        assert "cannot write to stdout: No space left" in tool.errors()
    got = heard()
    assert got == LINES[:len(got)] and (status or got == LINES), got
    assert server.end(stop=True) == 0
assert 3 < full < 25, full
print("connect, full disk:", full)

# serve: a sender exits 0 only if its message is on the disk.
full = 0
for room in range(150, 2400, 90):
    with disk(room) as out:
        server = serve(stdout=out)
        eventually("a socket", lambda: os.path.exists(f"{T}/serve"))
        tool = connect("--wait", "1")
        tool.say(*LINES)
        status = tool.end()
        ended = server.end(stop=True)
    got = [json.loads(line).get("text") for line in lines()
           if line.endswith("}") and '"message"' in line]
    assert got == LINES[:len(got)], got
    assert status in (0, 5), f"connect exits {status} with room {room}"
    assert status or got == LINES, f"connect exits 0, serve has {got}"
    if ended == 0:
        assert whole(lines())[-1] == "closed", lines()
    else:
        full += 1
        assert ended == 1, f"serve exits {ended}"
        assert "cannot write to stdout: No space left" in server.errors()
assert 3 < full < 25, full
print("serve, full disk:", full)

# A reader goes away.
for number in range(4):
    reader, writer = os.pipe()
    server = serve(stdout=writer)
    os.close(writer)
    eventually("a socket", lambda: os.path.exists(f"{T}/serve"))
    if number == 0:
        os.close(reader)
    tool = connect()
    tool.say(*LINES[:1])
    if number == 1:
        eventually("secured", lambda: tool.event("secured"))
        os.close(reader)
        tool.say(*LINES[1:])
    elif number > 1:
        assert os.read(reader, 65536)
        os.close(reader)
        tool.say(*LINES[1:])
    tool.eof()
    assert server.end() == 1
    assert tool.end() == 5, tool.errors()

# A reader does not read yet: a bounded amount is kept; at the end the reader
# has a second, and what it reads is complete.
reader, writer = os.pipe()
server = serve(stdout=writer)
os.close(writer)
eventually("a socket", lambda: os.path.exists(f"{T}/serve"))
tool = connect(stdin=subprocess.PIPE)
eventually("secured", lambda: tool.event("secured"))
before = memory(server.pid)
os.set_blocking(tool.process.stdin.fileno(), False)
sent = 0
end = time.monotonic() + 3
while time.monotonic() < end:
    try:
        sent += tool.process.stdin.write(b"x" * 1023 + b"\n") or 0
        tool.process.stdin.flush()
    except BlockingIOError:
        time.sleep(0.05)
assert memory(server.pid) - before < GROWTH, memory(server.pid) - before
tool.process.kill()
tool.process.wait()
start = time.monotonic()
server.process.terminate()
data = b""
server.process.wait(20)
took = time.monotonic() - start
assert took < 15, took
assert server.process.returncode == 1
assert "nobody reads stdout" in server.errors()
while more := os.read(reader, 65536):
    data += more
texts = data.decode().split("\n")
assert all(json.loads(line) for line in texts[:-1])
os.close(reader)
print(f"not read: {sent} octets taken, ended after {took:.1f} s")

# stderr that nobody reads: serve goes on.
reader, writer = os.pipe()
server = serve("-v", "-v", stderr=writer)
os.close(writer)
os.close(reader)
for _ in range(3):
    opened().close()
good()
assert server.end(stop=True) == 0
