from blesec_test.att import Att
from blesec_test.harness import events

att = Att.unix("peripheral")
att.exchange_mtu()


def dashed(u):
    return u if len(u) == 4 else "-".join(
        (u[:8], u[8:12], u[12:16], u[16:20], u[20:]))


want = []
for kind, primary in (0x2800, True), (0x2801, False):
    want += [("service", dashed(u), first, last, primary)
             for u, first, last in att.services(kind)]
for c in att.discover():
    want.append(("characteristic", dashed(c.uuid), c.value, c.end, None))
    want += [("descriptor", dashed(u), h, None, None)
             for u, h in c.descriptors.items()]
found = events("found.json")
told = [(e["event"], e["uuid"], e["handle"], e.get("end"), e.get("primary"))
        for e in found if e["event"] in
        ("service", "characteristic", "descriptor")]
own = [t for t in told if t[2] >= 0xfff0]
told = [t for t in told if t[2] < 0xfff0]


def cut(entries):
    return sorted([t[:3] + t[4:] if t[0] != "service" else t
                   for t in entries], key=lambda t: tuple(map(str, t)))


assert cut(want) == cut(told), (cut(want), cut(told))
assert sorted(
    (e["handle"], e["service"]) for e in found if e["event"] == "include"
) == sorted(
    (int.from_bytes(e[:2], "little"), int.from_bytes(e[2:4], "little"))
    for e in att.lists(0x08, 0x2802)), found
assert [t[1] for t in own] == ["92920005-08cf-48be-bf4d-1ec88ca40b88",
                               "92920006-08cf-48be-bf4d-1ec88ca40b88",
                               "2901"], own
assert {"connected": True}.items() <= next(
    e for e in found if e["event"] == "peripheral").items()
