import os
from errno import EACCES

from blesec_test import inject, intrude, intrusion
from blesec_test.attack import T

SERVE_PID = int(os.environ["SERVE_PID"])
at = intrusion.Target(SERVE_PID, intrude.signer(SERVE_PID), T)
gateway = intrude.named(SERVE_PID, "blesec-gateway")
with inject.Process(gateway) as process:
    for what, call, *arguments in intrusion.attempts(at):
        if call not in os.environ["TRIED"].split():
            continue
        answer = intrusion.attempt(process, call, arguments)
        if os.environ["HOW"] == "none":
            assert answer >= 0 or what not in intrusion.REACHED, what
        elif call in ("open", "openat"):
            assert answer == -EACCES, f"{what}: {answer}"
        else:
            assert answer == intrusion.KILLED, f"{what}: {answer}"
            break
    else:
        assert os.environ["HOW"] == "none"
