assert [s[0] for s in gate.services()] == ["180f", OWN]
level = seen["2a19"]
assert set(seen) == {"2a19", "9292000608cf48bebf4d1ec88ca40b88"}
gate.write(level.descriptors[CONFIGURATION], b"\1\0")
tell('{"uuid":"2a19","value":51}')
assert gate.listen(0.5, 1) == [(level.value, b"\x33")]
