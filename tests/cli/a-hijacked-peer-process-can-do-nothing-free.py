import os

from blesec_test import inject, intrude, intrusion
from blesec_test.attack import T, discovered

SERVE_PID = int(os.environ["SERVE_PID"])
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
peer = discovered()
with inject.Process(intrude.workers(SERVE_PID)[0]) as process:
    seen = intrusion.free(process, at)
assert intrusion.REACHED | intrusion.HELD <= seen
peer.close()
