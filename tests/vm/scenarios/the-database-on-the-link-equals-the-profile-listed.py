import re


def lines(name):
    with open(name) as file:
        return [line.split() for line in file.read().splitlines()]


mine = {int(h, 16): u for h, u in lines("att.attributes")}
values = {int(line[2], 16): line for line in lines("att.characteristics")}
services = {int(first, 16): (int(last, 16), u)
            for first, last, u in (lines("att.primary")
                                   + lines("att.secondary"))}
expected = set()
for first, (last, u) in services.items():
    if u.startswith("00001800"):
        continue
    expected.add(("service", first, u))
    for h in range(first + 1, last + 1):
        short = mine[h][4:8] if mine[h].startswith("0000") else ""
        if h in values:
            expected.add(("char", int(values[h][0], 16), mine[h]))
        elif short not in ("2802", "2803"):
            expected.add(("desc", h, mine[h]))
with open("ctl.out", errors="replace") as file:
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]|\r", "", file.read())
text = text[text.index("gatt.list-attributes"):]
found = {(kind, int(h, 16), u) for kind, h, u in re.findall(
    r"/(service|char|desc)([0-9a-f]{4})\s*\n\s*([0-9a-f-]{36})\b", text)}
print("more:", sorted(found - expected))
print("less:", sorted(expected - found))
assert found == expected
