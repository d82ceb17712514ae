import os
import sys

from blesec_test import peer
from blesec_test.harness import eventually

central = peer.Central("unix:link", timeout=20)
central.discover()
open(sys.argv[1], "w").close()
eventually("to go on", lambda: os.path.exists(sys.argv[1] + ".go"))
central.open()
central.handshake(peer.context("central", "phone"))
central.ready()
central.bye()
