from blesec_test import toytls
from blesec_test.attack import (
    T, Said, central_is_refused, client, expect_alert, opened)
from blesec_test.harness import eventually

said = Said()
peer = opened()
peer.handshake(client("insider"))
peer.ready()
assert eventually("secured", lambda: said.all("secured"))[0]["peer"] \
    == "insider"
peer.send(b"hello")
assert eventually("message", lambda: said.all("message"))[0]["peer"] \
    == "insider"
peer.bye()

# The insider signs with its own key under another's certificate, and sends
# both certificates in either order.
central_is_refused("central", 51, key="insider")
for names in ("central", "insider"), ("insider", "central"):
    said = Said()
    toy = toytls.Toy(opened())
    toy.client_hello()
    toy.read_flight()
    toy.send_certificate([f"{T}/{name}/cert.pem" for name in names])
    toy.send_verify(f"{T}/insider/key.pem")
    toy.send_finished()
    if names[0] == "central":
        expect_alert([51], toy.receive)
    else:
        body = toy.peer.ready_body()
        toy.send(b"\0\0" + bytes([len(body)]) + body)
        toy.receive()
        assert eventually("secured", lambda said=said: said.all("secured"))[
            0]["peer"] == "insider"
    toy.peer.close()
