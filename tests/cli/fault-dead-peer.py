import threading
import time

from blesec_test import peer as blesec
from blesec_test.attack import Said, events, secured, secured_server
from blesec_test.harness import eventually

said = Said()
started = time.monotonic()
dead, idle = secured(), secured()
tool, server_peer = secured_server()


def live():
    """Idle: nothing but what liveness asks for."""
    end = started + 45
    while time.monotonic() < end:
        try:
            idle.wait(lambda: False, 1)
        except blesec.Late:
            pass


thread = threading.Thread(target=live)
thread.start()
# The peer neither reads nor writes; the tools' own segments must not keep it
# alive.
eventually("serve notices", lambda: said.all("closed"), 45)
held = time.monotonic() - started
assert 30 <= held < 42, f"after {held:.1f} s"
assert [e["reason"] for e in said.all("closed")] == ["silent"]
tool.ends(7, "silent", 15)
thread.join()
assert len(said.all("closed")) == 1
idle.send(b"alive")
eventually("alive", lambda: any(e.get("text") == "alive"
                                for e in events("serve")))
idle.bye()
