from blesec_test.attack import (
    T, Said, central_is_refused, client, discovered, ends, events,
    expect_alert, opened, secured)
from blesec_test.harness import eventually

one, two = opened(), opened()
one.handshake(client())
two.handshake(client("other"))
one.ready()
two.ready()
one.send(b"from one")
two.send(b"from two")
eventually("both", lambda: {e["text"] for e in events("serve")
                            if e["event"] == "message"}
           == {"from one", "from two"})
assert {(e["peer"], e["text"]) for e in events("serve")
        if e["event"] == "message"} \
    == {("central", "from one"), ("other", "from two")}

# Bad peers of several kinds come and go.
said = Said()
for bad in (b"\xff" * 30, b"\0\0\1\x40\x17\x03\x03\0\1\0"):
    peer = discovered()
    peer.write_inbound(bad)
    ends(peer)
peer = opened()
expect_alert([48], lambda: (peer.handshake(client("stranger", verify=False)),
                            peer.receive_message()))
said.closed("protocol error", "peer refused", count=3)
assert len(said.all("closed")) == 3
central_is_refused("central", 51, key="other")
one.send(b"still one")
eventually("one", lambda: any(e.get("text") == "still one"
                              for e in events("serve")))

# Each line goes to both peers once, but none to a peer that vanished and came
# back.
with open(f"{T}/serve.in", "w", encoding="ascii") as lines:
    print("to all", file=lines, flush=True)
assert one.receive() == two.receive() == b"to all"
said = Said()
two.close()
said.closed("link lost")
with open(f"{T}/serve.in", "w", encoding="ascii") as lines:
    print("to one", file=lines, flush=True)
assert one.receive() == b"to one"
two = secured("other")
with open(f"{T}/serve.in", "w", encoding="ascii") as lines:
    print("to both", file=lines, flush=True)
assert two.receive() == b"to both"
assert one.receive() == b"to both"
one.bye()
two.bye()
