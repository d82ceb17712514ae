import os
import sys
import time

from blesec_test import peer

central = peer.Central("unix:link", timeout=20)
central.discover()
open(sys.argv[1], "w").close()
while not os.path.exists(sys.argv[1] + ".go"):
    time.sleep(0.05)
central.open()
central.handshake(peer.context("central", "phone"))
central.ready()
central.bye()
