from blesec_test.attack import client, opened

for name in "sensor-7", "plain":
    peer = opened()
    peer.handshake(client(name))
    peer.ready()
    peer.bye()
