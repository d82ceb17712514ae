import struct
import time

from blesec_test import peer as blesec, toytls
from blesec_test.attack import (
    Said, central, client, ends, events, meet, secured, server, shaken)
from blesec_test.harness import eventually


def refused(peer, code, pdu):
    try:
        peer.request(pdu)
    except blesec.AttError as err:
        assert err.code == code, f"{err}, not 0x{code:02x}"
    else:
        raise AssertionError(f"{pdu.hex()} is accepted")


def requests(peer):
    inbound, outbound, capability, configuration = (
        peer.handles[name] for name in ("inbound", "outbound", "capability",
                                        "configuration"))
    write = struct.Struct("<BH").pack
    refused(peer, 0x03, write(blesec.WRITE_REQ, inbound) + b"\0\0\1\x40")
    refused(peer, 0x03, write(blesec.WRITE_REQ, outbound) + b"\0\0")
    refused(peer, 0x03, write(blesec.WRITE_REQ, capability) + bytes(7))
    refused(peer, 0x02, write(blesec.READ_REQ, inbound))
    refused(peer, 0x02, write(blesec.READ_REQ, outbound))
    refused(peer, 0x02, struct.pack("<BHH", blesec.READ_BLOB_REQ, inbound, 0))
    refused(peer, 0x02, struct.pack("<BHH", blesec.READ_BLOB_REQ, outbound,
                                    0))
    refused(peer, 0x01, write(blesec.WRITE_REQ, 0x7fff) + b"\0")
    refused(peer, 0x01, write(blesec.READ_REQ, 0x7fff))
    refused(peer, 0x0d, write(blesec.WRITE_REQ, configuration) + b"\1")
    refused(peer, 0x0d, write(blesec.WRITE_REQ, configuration) + b"\1\0\0")


peer = central()
peer.exchange_mtu()
peer.find_tunnel()
peer.read_capability()
requests(peer)
peer.enable()
requests(peer)
peer.open()
peer.handshake(client())
requests(peer)
peer.ready()
requests(peer)
peer.bye()

# A segment while notifications are disabled is an error.
said = Said()
peer = central()
peer.exchange_mtu()
peer.find_tunnel()
peer.read_capability()
peer.write_inbound(b"\0\0\1\x40\x16")
ends(peer)
said.closed("protocol error")

said = Said()
peer = secured()
peer.link.send(struct.pack("<BHH", blesec.WRITE_REQ,
                           peer.handles["configuration"], 0))
peer.tunnel.segment(b"more")
ends(peer)
said.closed("protocol error")

# Neither a message right behind READY is lost, nor a line that connect was
# given long before the session.
peer = shaken()
body = peer.ready_body()
peer.send_plain(b"\0" + toytls.vector(2, body) + b"\x10"
                + toytls.vector(2, b"right behind"))
peer.receive_ready()
eventually("the message", lambda: any(e.get("text") == "right behind"
                                      for e in events("serve")))
peer.bye()

tool, peer = meet("--count", "1")
tool.say("early line")
time.sleep(0.5)
peer.secure(server())
assert peer.receive() == b"early line"
peer.send(b"answer")
peer.part()
tool.ends(0, "done")
