assert seen.keys() - {"9292000608cf48bebf4d1ec88ca40b88"} == all_of.keys()
value = seen[mine(2)].value
assert plain.read(value) == b"new"
for what, code in ((seen["2a39"].value, 3), (value, 3), (1, 3)):
    assert gate.code(gate.write, what, b"x") == code
    assert gate.code(gate.ask, struct.pack("<BHH", 0x16, what, 0)) == 3
gate.write_command(value, b"lost")
gate.send(b"\xd2" + struct.pack("<H", value) + bytes(13))
assert gate.request(b"\x18\1") == b"\x19"
assert gate.read(value) == b"new"
gate.write(seen["2a37"].descriptors[CONFIGURATION], b"\1\0")
tell('{"uuid":"2a37","value":"hex:0051"}')
assert gate.listen(0.5, 1) == [(seen["2a37"].value, b"\0\x51")]
