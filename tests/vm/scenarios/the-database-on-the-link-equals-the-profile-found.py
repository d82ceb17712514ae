import json
import os

from blesec_test import le
from blesec_test.att import Att


def uuid(text):
    if len(text) == 4:
        text = f"0000{text}00001000800000805f9b34fb"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20],
                     text[20:]))


def put(name, lines):
    with open(name, "w") as file:
        file.writelines(line + "\n" for line in sorted(lines))


att = Att(le.connect(os.environ["HCI0"], os.environ["HCI1"]))
primary, secondary = att.services(), att.services(0x2801)
put("att.primary", [f"0x{first:04x} 0x{last:04x} {uuid(u)}"
                    for u, first, last in primary])
found = att.discover()
put("att.secondary", [f"0x{first:04x} 0x{last:04x} {uuid(u)}"
                      for u, first, last in secondary])
put("att.characteristics", [f"0x{c.handle:04x} 0x{c.properties:02x} "
                            f"0x{c.value:04x} {uuid(c.uuid)}" for c in found])
put("att.attributes", [f"0x{h:04x} {uuid(u)}"
                       for u, h in att.descriptors(1, 0xffff)])
# As the channel has it: without the tunnel.
tunnel = [s for s in primary if s[0].startswith("92920001")]
assert len(tunnel) == 1


def inside(h):
    return h < tunnel[0][1]


with open("profile.json") as file:
    profile = json.load(file)
ours = sorted(s for s in primary + secondary if inside(s[1]))
ours = [(s[0], s[1], s in primary) for s in sorted(ours, key=lambda s: s[1])]
assert [s[0] for s in ours] == ["1800", "1801", "180f", "180d",
                                "7d0e00011f3c4d5a9a606f2b1c7e8d90"], ours
assert [s[2] for s in ours[2:]] == \
    [s.get("type", "primary") == "primary" for s in profile["services"]]
# Each service has as many characteristics as in the profile.
ends = [s[1] for s in ours[1:]] + [tunnel[0][1]]
for mine, end, said in list(zip(ours, ends, [None] * 2 +
                                profile["services"]))[2:]:
    assert len([c for c in found if mine[1] < c.handle < end]) == \
        len(said["characteristics"]), (mine, said)
put("att.found", [f"service {h} {uuid(u)} {str(p).lower()}"
                  for u, h, p in ours] +
    [f"characteristic {c.value} {uuid(c.uuid)}" for c in found
     if inside(c.handle)] +
    [f"descriptor {h} {uuid(u)}" for c in found if inside(c.handle)
     for u, h in c.descriptors.items()])
