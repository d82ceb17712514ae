from blesec_test import toytls
from blesec_test.attack import expect_alert, met

# A server's empty Certificate is a decode_error (RFC 8446 4.4.2.4), and a
# missing one is a message out of order.
for empty, alert_number in (True, 50), (False, 10):
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello()
    toy.encrypted_extensions()
    toy.certificate_request()
    if empty:
        toy.send_certificates([])
    toy.send_finished()
    expect_alert([alert_number, 10], toy.read_record)
    tool.ends(5, "protocol error")
