assert set(seen) == {"2a37", "2a38", "2a39", mine(2),
                     "9292000608cf48bebf4d1ec88ca40b88"}, set(seen)
assert [s[0] for s in gate.services()] == [
    "180d", mine(1), OWN], gate.services()
for uuid in "2a37", "2a38", "2a39", mine(2):
    assert seen[uuid][:4] == all_of[uuid][:4], (seen[uuid], all_of[uuid])
assert gate.read(seen["2a38"].value) == b"\1"
assert gate.read(seen[mine(2)].value) == b"stored"
gate.write(seen[mine(2)].value, b"new")
assert plain.read(all_of[mine(2)].value) == b"new"
gate.write(seen["2a37"].descriptors[CONFIGURATION], b"\1\0")

# What is hidden is there in no way: each handle, by each request.
shown = set()
for uuid, first, last in gate.services():
    shown.add(first)
for c in seen.values():
    shown |= {c.handle, c.value, *c.descriptors.values()}
hidden = [h for h in range(1, max(c.end for c in all_of.values()) + 1)
          if h not in shown]
assert len(hidden) > 10, hidden
handle = lambda h: struct.pack("<H", h)
for h in hidden:
    for pdu in (b"\x0a" + handle(h), b"\x0c" + handle(h) + b"\0\0",
                b"\x0e" + handle(h) + handle(seen["2a38"].value),
                b"\x0e" + handle(seen["2a38"].value) + handle(h),
                b"\x20" + handle(seen["2a38"].value) + handle(h),
                b"\x12" + handle(h) + b"x",
                b"\x16" + handle(h) + b"\0\0x"):
        reply = gate.request(pdu)
        assert reply == bytes([1, pdu[0]]) + handle(h) + b"\1", (pdu, reply)
    for kind in (b"\x04", b""), (b"\x08", b"\x19\x2a"), (b"\x08", b"\x02\x29"), \
            (b"\x10", b"\x00\x28"), (b"\x06", b"\x00\x28\x0f\x18"), \
            (b"\x06", b"\x02\x29\0\0"):
        pdu = kind[0] + handle(h) * 2 + kind[1]
        reply = gate.request(pdu)
        assert reply == bytes([1, pdu[0]]) + handle(h) + b"\x0a", (pdu, reply)
    gate.write_command(h, b"lost")
assert plain.read(all_of[mine(3)].value) == b"hidden"
# Nor is it notified, were it ever so much.
plain.write(all_of["2a19"].descriptors[CONFIGURATION], b"\1\0")
tell('{"uuid":"2a19","value":50}')
tell('{"uuid":"2a37","value":"hex:0050"}')
assert plain.listen(0.5, 1) == [(all_of["2a19"].value, b"\x32")]
assert gate.listen(0.5, 1) == [(seen["2a37"].value, b"\0\x50")]
