from blesec_test.attack import Said, ends, secured, secured_server, shaken

OOB = 3
OFFER = bytes([1]) + bytes(41)

for make in secured, lambda: secured_server()[1]:
    peer = make()
    peer.send_message(OOB, OFFER)
    assert peer.receive_message() == (OOB, bytes([4, 1]))
    for unasked in bytes([2]), bytes([3, 0]), bytes([4, 1]), bytes([4, 255]):
        peer.send_message(OOB, unasked)
    peer.send_message(OOB, OFFER)
    assert peer.receive_message() == (OOB, bytes([4, 1]))
    peer.bye()

for body in (b"", b"\0", b"\1", OFFER[:-1], OFFER + b"\0", b"\2\0", b"\3",
             b"\3\0\0", b"\4", b"\5", b"\xff", bytes(65536)):
    said = Said()
    peer = secured()
    peer.send_message(OOB, body)
    ends(peer)
    said.closed("protocol error")

# Not before READY.
said = Said()
peer = shaken()
peer.send_message(OOB, OFFER)
ends(peer)
said.closed("protocol error")
