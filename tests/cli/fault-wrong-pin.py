from blesec_test.attack import client, opened

peer = opened()
peer.handshake(client("pinned"))
peer.ready()
peer.bye()
