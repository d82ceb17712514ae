from blesec_test import toytls
from blesec_test.attack import Said, expect_alert, met, opened

# The client's hello goes back to the client, the server's flight to the
# server.
tool, peer = met()
toy = toytls.Toy(peer)
hello = peer.tunnel.take()
peer.write(hello)
expect_alert([10], toy.read_record)
tool.ends(5, "protocol error")

said = Said()
toy = toytls.Toy(opened())
toy.client_hello()
toy.read_server_hello()
hello = toy.message(toytls.SERVER_HELLO, toy.seen[toytls.SERVER_HELLO])
toy.read_flight_rest()
toy.raw(b"\x16\x03\x03" + toytls.vector(2, hello))
expect_alert([10, 20, 22, 50], toy.read_record)
said.closed("protocol error")

# The server's Certificate and CertificateVerify back to the server: its
# signature over another transcript, for the other role.
said = Said()
toy = toytls.Toy(opened())
toy.client_hello()
toy.read_flight()
toy.send_message(toytls.CERTIFICATE, toy.seen[toytls.CERTIFICATE])
toy.send_message(toytls.CERTIFICATE_VERIFY,
                 toy.seen[toytls.CERTIFICATE_VERIFY])
toy.send_finished()
expect_alert([43, 51], toy.receive)
said.closed("peer refused", "protocol error")
assert not said.secured()
