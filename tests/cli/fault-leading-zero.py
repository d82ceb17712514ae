import os

from blesec_test import toytls
from blesec_test.attack import T, client, met, opened

# As the peer's certificate, and under our own signatures.
peer = opened()
peer.handshake(client("zero"))
peer.ready()
peer.bye()

# Against connect: a shared secret with a zero octet at either end. connect
# sends its share first; the peer then searches for a matching one.
for end in 0, 31:
    tool, peer = met("--timeout", "90", "--count", "1")
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    while toytls.x25519(toy.secret, toy.client_share)[end]:
        toy.secret = os.urandom(32)
    toy.server_hello()
    toy.encrypted_extensions()
    toy.certificate_request()
    toy.send_certificate([f"{T}/zero/cert.pem"])
    toy.send_verify(f"{T}/zero/key.pem")
    toy.send_finished()
    toy.read_client_flight()
    toy.receive()
    body = peer.ready_body()
    toy.send(b"\0\0" + bytes([len(body)]) + body + b"\x10\0\2hi")
    toy.receive()
    tool.ends(0, "done")
