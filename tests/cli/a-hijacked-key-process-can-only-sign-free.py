import os

from blesec_test import inject, intrude, intrusion
from blesec_test.attack import T, eventually

SERVE_PID = int(os.environ["SERVE_PID"])
key = intrude.signer(SERVE_PID)
with inject.Process(key) as process:
    intrusion.free(process, intrusion.Target(SERVE_PID, key, T))
# Another takes its place.
eventually("its end", lambda: key not in intrude.children(SERVE_PID) or
           intrude.name(key) != "blesec-signer")
