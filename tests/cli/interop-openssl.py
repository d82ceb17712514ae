from blesec_test import peer as blesec
from blesec_test.attack import client, met, opened, server

for ctx in client(), server():
    ctx.options |= blesec.ssl.OP_ENABLE_MIDDLEBOX_COMPAT
    peer = met()[1] if ctx.num_tickets == 0 else opened()
    peer.handshake(ctx)
    peer.ready()
    peer.bye()
