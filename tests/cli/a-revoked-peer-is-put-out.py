import os

from blesec_test import peer
from blesec_test.harness import eventually

central = peer.Central("unix:link")
central.discover()
central.open()
central.handshake(peer.context("central", "late"))
open("half", "w").close()
eventually("to go on", lambda: os.path.exists("listed"))
central.ready()
central.await_bye()
assert central.answered[0] == 6, central.answered
