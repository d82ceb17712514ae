from blesec_test import toytls
from blesec_test.attack import Said, ends, expect_alert, met, opened

LOW = [bytes(32), b"\1" + bytes(31),
       bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd"
                     "866205165f49b800"),
       (2 ** 255 - 20).to_bytes(32, "little"),
       (2 ** 255 - 19).to_bytes(32, "little")]
P = 2 ** 256 - 2 ** 224 + 2 ** 192 + 2 ** 96 - 1
GOOD = bytes.fromhex(
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
OFF = [b"\4" + GOOD[:-1] + b"\0", b"\4" + bytes(64), b"\4" + b"\xff" * 64,
       b"\4" + P.to_bytes(32, "big") * 2, b"\0", b"\0" + GOOD,
       b"\2" + GOOD[:32], b"\4" + GOOD[:-1], b"\4" + GOOD + b"\0", b"\4"]
SHORT = [b"\1", bytes(31), bytes(33), b"\xff" * 1000]
cases = ([(toytls.X25519, s) for s in LOW + SHORT]
         + [(toytls.P256, s) for s in OFF + SHORT])
for group, share in cases:
    said = Said()
    peer = opened()
    toy = toytls.Toy(peer)
    toy.client_hello(group=group, share=share)
    expect_alert([47, 50], toy.read_record)
    ends(peer)
    said.closed("protocol error")

for group, share in cases[:10] + cases[-14:-8]:
    if group == toytls.P256:
        continue                # connect offers one share: it is X25519
    tool, peer = met()
    toy = toytls.Toy(peer)
    toy.read_client_hello()
    toy.server_hello(group=group, share=share)
    toy.reading = None
    expect_alert([47, 50], toy.read_record)
    tool.ends(5, "protocol error")
