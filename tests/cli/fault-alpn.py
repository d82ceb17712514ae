from blesec_test import toytls
from blesec_test.attack import T, Said, client, ends, expect_alert, met, opened

for alpn in None, "h2", "blesec/10", "blesec/":
    said = Said()
    peer = opened()
    expect_alert([120], peer.handshake, client(alpn=alpn))
    ends(peer)
    said.closed("protocol error")
    assert not said.secured()

# One selects no protocol, the other a protocol that was not offered.
for alpn in None, b"blesec/2":
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello()
    toy.encrypted_extensions(alpn)
    toy.certificate_request()
    toy.send_certificate([f"{T}/peripheral/cert.pem"])
    toy.send_verify(f"{T}/peripheral/key.pem")
    toy.send_finished()
    tool.ends(5, "protocol error")
    assert not tool.said.secured()
