import os
from errno import EACCES, EPERM

from blesec_test import inject, intrude, intrusion
from blesec_test.attack import T, good

SERVE_PID = int(os.environ["SERVE_PID"])
key = intrude.signer(SERVE_PID)
at = intrusion.Target(SERVE_PID, key, T)
with inject.Process(key) as process:
    for what, call, *arguments in intrusion.attempts(at):
        answer = intrusion.attempt(process, call, arguments)
        assert answer in (-EACCES, -EPERM), f"{what}: {answer}"
for name in "created", "made", "bound":
    assert not os.path.exists(f"{T}/{name}"), name
good()
assert intrude.signer(SERVE_PID) == key
