import os

from blesec_test import inject, intrude, intrusion
from blesec_test.attack import T
from blesec_test.harness import children, eventually

SERVE_PID = int(os.environ["SERVE_PID"])
key = intrude.signer(SERVE_PID)
with inject.Process(key) as process:
    intrusion.free(process, intrusion.Target(SERVE_PID, key, T))
# Another takes its place.
eventually("its end", lambda: key not in children(SERVE_PID) or
           intrude.name(key) != "blesec-signer")
