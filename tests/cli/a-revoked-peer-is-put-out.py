import os
import time

from blesec_test import peer

central = peer.Central("unix:link")
central.discover()
central.open()
central.handshake(peer.context("central", "late"))
open("half", "w").close()
while not os.path.exists("listed"):
    time.sleep(0.05)
central.ready()
central.await_bye()
assert central.answered[0] == 6, central.answered
