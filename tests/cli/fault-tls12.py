from blesec_test import toytls
from blesec_test.attack import Said, expect_alert, met, opened

said = Said()
toy = toytls.Toy(opened())
toy.client_hello(versions=(0x0303, 0x0302))
expect_alert([70], toy.read_record)
said.closed("protocol error")

for version in 0x0303, 0x0302, None:
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello(version=version)
    toy.writing = toy.reading = None
    # A TLS 1.2 ServerHello is refused for its version or for its contents.
    expect_alert([70, 47, 109], toy.read_record)
    tool.ends(5, "protocol error")
