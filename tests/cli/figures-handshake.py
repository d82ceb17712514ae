import json
import sys

T = sys.argv[1]
with open(f"{T}/count.out") as file:
    count = json.load(file)
total = sum(count["values"].values())
assert total <= 1750, f"{total} octets of attribute values"
assert count["trips"] <= 5, f"{count['trips']} round trips"
assert count["discovery"] <= 3, f"{count['discovery']} for discovery"
# And the tools say so of themselves.
for name, out, back in (("connect", "c2p", "p2c"), ("serve", "p2c", "c2p")):
    with open(f"{T}/{name}.out") as file:
        said = [json.loads(line) for line in file]
    figures = [e for e in said if e["event"] == "secured"][0]["handshake"]
    for key, direction in (("out", out), ("in", back)):
        # Segments without payload may follow.
        assert 0 <= (count["values"][direction]
                     - figures[f"bytes_{key}"]) <= 4, (name, key, figures)
        assert 0 <= (count["segments"][direction]
                     - figures[f"pdus_{key}"]) <= 2, (name, key, figures)
