import os
from errno import EACCES

from blesec_test import inject, intrude, intrusion
from blesec_test.attack import T, discovered, events, secured
from blesec_test.harness import eventually

SERVE_PID = int(os.environ["SERVE_PID"])
other = secured()
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
opens = 0
for what, call, *arguments in intrusion.attempts(at):
    before = set(intrude.workers(SERVE_PID))
    peer = discovered()
    pid = (set(intrude.workers(SERVE_PID)) - before).pop()
    with inject.Process(pid) as process:
        answer = intrusion.attempt(process, call, arguments)
        if call in ("open", "openat"):
            assert answer == -EACCES, f"{what}: {answer}"
            opens += 1
        else:
            assert answer == intrusion.KILLED, f"{what}: {answer}"
    peer.close()
    other.alive()
assert opens == 5, opens
for name in "created", "made", "bound":
    assert not os.path.exists(f"{T}/{name}"), name
other.send(b"still here")
eventually("the other session", lambda: any(
    e.get("text") == "still here" for e in events("serve")))
other.bye()
