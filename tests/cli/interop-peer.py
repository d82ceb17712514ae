import json

from blesec_test import peer as blesec
from blesec_test.attack import (
    T, Said, client, ends, meet, opened, secured_server, server)
from blesec_test.harness import eventually

LONG = "l" * 65536


def lines(*texts):
    with open(f"{T}/serve.in", "w", encoding="ascii") as file:
        for text in texts:
            print(text, file=file, flush=True)


for mtu, window in (23, 1), (23, 127), (517, 1), (517, 127), (100, 5):
    said = Said()
    peer = opened(window, mtu)
    peer.handshake(client())
    assert peer.tls.selected_alpn_protocol() == "blesec/1"
    peer.ready()
    peer.send(LONG.encode())
    eventually("the long message", lambda: said.all("message"), 40)
    assert said.all("message")[0]["text"] == LONG
    lines(LONG[:60000], '{"n": 1}')
    assert peer.receive() == LONG[:60000].encode()
    assert json.loads(peer.receive()) == {"n": 1}
    peer.end()
    lines("after END")
    assert peer.receive() == b"after END"
    peer.bye()
    said.closed("peer closed")

for value, options in ((blesec.capability(window=1, value_max=20), ()),
                       (blesec.capability(window=127), ())):
    tool, peer = meet("--count", "2", *options, value=value)
    peer.secure(server())
    tool.say(LONG[:60000])
    assert peer.receive() == LONG[:60000].encode()
    peer.send(LONG.encode())
    tool.process.stdin.close()
    assert peer.receive() is None       # END
    peer.send(b"after END")
    peer.part()
    ends(peer)
    tool.ends(0, "done")
    assert [e["text"] for e in tool.said.all("message")] == [
        LONG, "after END"]

# The peripheral says goodbye first.
tool, peer = secured_server()
peer.bye()
tool.ends(0, "peer closed")
