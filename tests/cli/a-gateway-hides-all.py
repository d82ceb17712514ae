gate.write(seen["2a39"].value, b"\1")
