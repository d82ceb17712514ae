from blesec_test import toytls
from blesec_test.attack import T, Said, expect_alert, met, opened

said = Said()
toy = toytls.Toy(opened())
toy.client_hello()
toy.read_flight()
toy.send_certificate([f"{T}/both/cert.pem"])
toy.send_message(toytls.CERTIFICATE_VERIFY,
                 toy.seen[toytls.CERTIFICATE_VERIFY])
toy.send_finished()
expect_alert([51], toy.receive)
said.closed("protocol error", "peer refused")

# Even the right key cannot sign for the other role.
said = Said()
toy = toytls.Toy(opened())
toy.client_hello()
toy.read_flight()
toy.send_certificate([f"{T}/both/cert.pem"])
toy.send_verify(f"{T}/both/key.pem", side="server")
toy.send_finished()
expect_alert([51], toy.receive)
said.closed("protocol error", "peer refused")
assert not said.secured()

tool, peer = met()
toy = toytls.Toy(peer)
toy.read_client_hello()
toy.server_hello()
toy.encrypted_extensions()
toy.certificate_request()
toy.send_certificate([f"{T}/both/cert.pem"])
toy.send_verify(f"{T}/both/key.pem", side="client")
toy.send_finished()
expect_alert([51], toy.read_client_flight)
tool.ends(5, "protocol error")
