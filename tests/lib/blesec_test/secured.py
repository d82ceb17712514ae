# SPDX-License-Identifier: GPL-3.0-or-later
"""The GATT client of att.py, in the channel of blesec-serve.

    att = Secured("phone", "link")      # identity, path of the socket or a
                                        # connected one
    att.states                          # what a gateway told of its peripheral
    att.bye()
"""

import struct

from blesec_test import peer as blesec
from blesec_test.att import Att

ATT, PERIPHERAL = 2, 4


class Secured(Att):
    def __init__(self, identity, link, seconds=20, mtu=517):
        super().__init__(None, seconds)
        self.states = []
        self.peer = blesec.Central(
            f"unix:{link}" if isinstance(link, str) else link, seconds)
        self.peer.secure(blesec.context("central", identity))
        self.mtu = min(mtu, self.exchange_mtu(mtu)) if mtu else 23

    def send(self, pdu):
        self.peer.send_message(ATT, pdu)

    def receive(self, seconds=None):
        self.peer.timeout = self.seconds if seconds is None else seconds
        while True:
            try:
                kind, body = self.peer.receive_message()
            except blesec.Late as error:
                raise TimeoutError from error
            except blesec.LinkClosed as error:
                raise EOFError from error
            if kind == ATT:
                return body
            if kind == blesec.CONTROL and body[0] == blesec.BYE:
                self.peer.answered = struct.unpack("<xBI", body)
                raise EOFError
            assert (kind == blesec.CONTROL and len(body) == 2
                    and body[0] == PERIPHERAL), (kind, body)
            self.states.append(body[1])

    def bye(self):
        self.peer.timeout = 5
        self.peer.bye()
