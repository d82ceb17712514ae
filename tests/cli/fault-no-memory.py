import subprocess

from blesec_test import peer as blesec
from blesec_test.attack import T, Said, events, good, secured
from blesec_test.harness import eventually
from blesec_test.runs import LONG, SANITIZED, connect, preloaded, serve

STATE = f"{T}/state"
PROCESSES = None, "blesec-peer", "blesec-signer"


def arm(letter):
    with open(STATE, "wb") as file:
        file.write(letter)


def failed():
    with open(STATE, "rb") as file:
        return file.read(1) == b"f"


def environment(process, number, deep):
    env = dict(preloaded("alloc.so"), ALLOC_FAILS=str(number),
               ALLOC_STATE=STATE)
    if deep:
        env["ALLOC_DEEP"] = "1"
    if process:
        env["ALLOC_IN"] = process
    return env


def talk(server, env=None):
    """Send a line each way; return the central, which has ended."""
    said = Said()
    tool = connect("--count", "1", env=env)
    tool.say("from connect")
    # Lines that serve reads before it knows the peer go to the others only.
    eventually("secured", lambda: tool.ended() or
               tool.event("secured") and said.secured())
    server.say("from serve")
    tool.status = tool.end(30)
    return tool


def of_connect(env, deep):
    tool = talk(server, env)
    if failed() and not deep:
        assert tool.status == 1, f"connect exits {tool.status}"
    assert tool.status == 0 or tool.errors(), "connect says nothing"
    return failed()


def of_serve(env, deep):
    own, watch, hit = serve(env=env), None, False
    if not own.ended():
        if env.get("ALLOC_IN") == "blesec-peer":
            watch = secured()
            arm(b"a")
        talk(own)
        hit = failed()
        if watch:
            arm(b"-")
            watch.send(b"still here")
            eventually("the other peer is heard", lambda: any(
                e.get("text") == "still here" for e in events("serve")))
            watch.close()
        try:
            good()
        except (blesec.PeerError, OSError, AssertionError):
            eventually("serve serves on, or ends", own.ended)
    status = own.end(stop=True)
    if not deep:
        assert status in ((0,) if watch else (0, 1)), f"serve exits {status}"
    hit = hit or failed()
    assert deep or not hit or own.errors(), "serve says nothing"
    return hit


def each(run, process, deep=False):
    """How often it has failed, until nothing is left to fail."""
    number = hits = 0
    while True:
        number += DEEP_STEP if deep else 1
        other = run is of_serve and process == "blesec-peer"
        arm(b"-" if other else b"a")
        what = f"{run.__name__} {process} {'deep' if deep else ''} {number}"
        try:
            hit = run(environment(process, number, deep), deep)
        except (AssertionError, subprocess.TimeoutExpired) as err:
            raise AssertionError(f"{what}: {err}") from err
        if not hit:
            print(what, "survived", hits, flush=True)
            return hits
        hits += 1


DEEP_STEP = 59 if LONG else 997
server = serve()
for process in PROCESSES:
    hits = each(of_connect, process)
    assert hits >= (2 if process == "blesec-signer" else 10), hits
    if not SANITIZED:
        each(of_connect, process, True)
good()
assert server.end(stop=True) == 0
for process in PROCESSES:
    hits = each(of_serve, process)
    assert hits >= (2 if process == "blesec-signer" else 10), hits
    if not SANITIZED:
        each(of_serve, process, True)
