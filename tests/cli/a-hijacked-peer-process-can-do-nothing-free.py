from blesec_test.attack import *  # noqa
from blesec_test import inject
from blesec_test import intrude
from blesec_test import intrusion

SERVE_PID = int(os.environ["SERVE_PID"])
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
peer = discovered()
with inject.Process(intrude.workers(SERVE_PID)[0]) as process:
    seen = intrusion.free(process, at)
assert intrusion.REACHED | intrusion.HELD <= seen
peer.close()
