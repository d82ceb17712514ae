from blesec_test import toytls
from blesec_test.attack import (
    Said, central_is_refused, expect_alert, opened, peripheral_is_refused)

# name, alerts; the manual page names no alert for five small certificates
for name, alerts in (("big", [43]), ("long", [42, 43, 47, 48]),
                     ("huge", [47])):
    central_is_refused(name, *alerts)
    peripheral_is_refused(name, *alerts, end=(
        (5, "protocol error") if name == "huge" else (4, "peer refused")))

# Only the header of a Certificate of 16 megabytes.
said = Said()
toy = toytls.Toy(opened())
toy.client_hello()
toy.read_flight()
toy.send_record(toytls.HANDSHAKE, bytes.fromhex("0bffffff"))
expect_alert([47], toy.receive)
said.closed("protocol error", "peer refused")
