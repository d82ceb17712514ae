import hashlib
import os
import subprocess

from blesec_test import toytls
from blesec_test.attack import T, meet
from blesec_test.harness import eventually
from blesec_test.intrude import ask, session, signer_socket, workers

SERVE_PID = int(os.environ["SERVE_PID"])
SPACES = b" " * 64
SERVER, CLIENT = (toytls.CONTEXTS[side] for side in ("server", "client"))
HASH = hashlib.sha256(b"transcript").digest()


def check(identity, request, signature):
    """The signature is that of the identity."""
    for what, octets in ("request", request), ("signature", signature):
        with open(f"{T}/{what}", "wb") as file:
            file.write(octets)
    subprocess.run(["openssl", "x509", "-in", f"{T}/{identity}/cert.pem",
                    "-noout", "-pubkey", "-out", f"{T}/public"], check=True)
    subprocess.run(["openssl", "dgst", "-sha256", "-verify", f"{T}/public",
                    "-signature", f"{T}/signature", f"{T}/request"],
                   check=True)


def bad(own, other):
    """Yield invalid requests to a key whose role has the context own."""
    yield from (
        HASH, b"anything", b"\0", b" ", bytes(130),
        SPACES + other + b"\0" + HASH,
        SPACES + own + HASH,
        SPACES + own + b"\0" + HASH[:-1],
        SPACES + own + b"\0" + HASH + b"\0",
        SPACES + own + b"\0",
        SPACES + own + b"\0" + bytes(64),
        SPACES[:-1] + own + b"\0" + HASH + b"\0",
        b"\0" + SPACES[1:] + own + b"\0" + HASH,
        SPACES[1:] + b"\t" + own + b"\0" + HASH,
        SPACES + own.lower() + b"\0" + HASH,
        SPACES + own + b"\1" + HASH,
        (SPACES + own + b"\0" + HASH) * 2,
        b" " * 4096)


request = SPACES + SERVER + b"\0" + HASH
peer, sock = session(SERVE_PID)
status, signature = ask(sock, request)
assert status == 0, "not even its own CertificateVerify is signed"
check("peripheral", request, signature)
answer = ask(sock, request)
assert not answer or answer[0], "it signs twice for one session"
peer.close()

for request in bad(SERVER, CLIENT):
    peer, sock = session(SERVE_PID)
    answer = ask(sock, request)
    peer.close()
    assert not answer or answer[0] and not answer[1], request

request = SPACES + CLIENT + b"\0" + HASH
for request in (request, *bad(CLIENT, SERVER)):
    tool, peer = meet()
    sock = signer_socket(eventually(
        "a process", lambda tool=tool: workers(tool.process.pid))[0])
    answer = ask(sock, request)
    tool.stop()
    peer.close()
    if request == SPACES + CLIENT + b"\0" + HASH:
        check("central", request, answer[1])
    else:
        assert not answer or answer[0] and not answer[1], request
