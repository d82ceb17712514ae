"""profile: the profile with the attributes that are listed; or what a link of
that kind, to be brought about, can do."""

import json
import os
import struct
import sys
import time

from blesec_test import le, mgmt
from blesec_test.att import CONFIGURATION, Att

table = [line.split() for line in open("table")]
attributes = [line.split() for line in open("attributes")]


def uuid(n):
    return f"5e0f{n:04x}-1f3c-4d5a-9a60-6f2b1c7e8d90"


def permission(name):
    words = name.split("-")
    more = {}
    if words[-1] == "16":
        more["min_key_size"] = int(words.pop())
    if words[-1] == "peers":
        more["peers"] = ["*"]
        words.pop()
    if words:
        more["security"] = "-".join(words)
    return more


if sys.argv[1] == "profile":
    print(json.dumps({"expose": "link", "services": [{
        "uuid": uuid(0), "characteristics": [{
            "uuid": uuid(n + 1), "value": {"file": f"value-{n}"},
            "properties": ["read", "write", "write-without-response", "notify",
                           "indicate"],
            "read": permission(read), "write": permission(write)}
            for n, (read, write) in enumerate(attributes)] + [{
                "uuid": uuid(0x100), "value": {"file": "value-signed"},
                "properties": ["read", "signed-write"],
                "write": {"signed": True}}]}]}))
    sys.exit()

kind = sys.argv[1]
wanted = {row[0]: int(row[table[0].index(kind)], 16) for row in table[1:]}
# What they have at initiator and responder, Secure Connections, level, octets.
ways = {
    "works": (mgmt.NOTHING, mgmt.NOTHING, True, le.MEDIUM, 16),
    "legacy": (mgmt.KEYBOARD_ONLY, mgmt.DISPLAY_ONLY, False, le.HIGH, 16),
    "short": (mgmt.KEYBOARD_ONLY, mgmt.DISPLAY_ONLY, False, le.HIGH, 7),
    "secure": (mgmt.DISPLAY_YES_NO, mgmt.DISPLAY_YES_NO, True, le.FIPS, 16),
}
A, B = os.environ["HCI0"], os.environ["HCI1"]
people = mgmt.People()
if kind in ways:
    *way, level, octets = ways[kind]
    for n in 0, 1:
        with open(f"/sys/kernel/debug/bluetooth/hci{n}/max_key_size",
                  "w") as file:
            file.write(str(octets))
    people.can(*way)                    # the kernel asks when it connects
sock = le.connect(A, B)
att = Att(sock)
by = {c.uuid: c for c in att.discover()}
assert le.security(sock)[0] == le.OPEN
if kind in ways:
    assert people.secure(sock, level) == (level, octets)

failed = 0


def check(what, n, code, expected):
    global failed
    if code != expected:
        failed += 1
        print(f"{kind}, {attributes[n]}: {what}: 0x{code:02x}, "
              f"not 0x{expected:02x}")


own = [by[uuid(n + 1).replace("-", "")] for n in range(len(attributes))]
signed = by[uuid(0x100).replace("-", "")]
open_one = struct.pack("<H", own[0].value)
for n, (read, write) in enumerate(attributes):
    handle = own[n].value
    h = struct.pack("<H", handle)
    for name, pdu in (
            ("Read", b"\x0a" + h), ("Read Blob", b"\x0c" + h + b"\0\0"),
            ("Read By Type", b"\x08" + h + h + bytes.fromhex(
                own[n].uuid)[::-1]),
            ("Read Multiple", b"\x0e" + open_one + h),
            ("Read Multiple Variable", b"\x20" + h + open_one)):
        check(name, n, att.code(att.ask, pdu), wanted[read])
    for name, pdu in (("Write", b"\x12" + h + b"new"),
                      ("Prepare Write", b"\x16" + h + b"\0\0other")):
        check(name, n, att.code(att.ask, pdu), wanted[write])
    att.ask(b"\x18\x00")
    with open(f"value-{n}") as file:
        check("written", n, file.read() == "new", wanted[write] == 0)
    check("Configuration", n,
          att.code(att.write, own[n].descriptors[CONFIGURATION], b"\3\0"),
          wanted[read])
    att.write_command(handle, b"command")
    att.read(own[0].value)              # after it
    with open(f"value-{n}") as file:
        check("commanded", n, file.read() == "command", wanted[write] == 0)

# What is to be signed is not written unsigned, nor with any signature.
assert att.code(att.write, signed.value, b"new") == 0x03
for pdu in (b"\x52" + struct.pack("<H", signed.value) + b"new",
            b"\xd2" + struct.pack("<H", signed.value) + b"new" + bytes(12)):
    att.send(pdu)
assert att.read(signed.value) == b"old", att.read(signed.value)

# All change; who may read it is told, in both ways.
att.listen(1)
for n in range(len(attributes)):
    with open("next", "w") as file:
        file.write(f"changed-{kind}")
    os.replace("next", f"value-{n}")
heard = []
least = 2 * sum(not wanted[read] for read, _ in attributes)
end = time.monotonic() + 30
while True:
    late = len(heard) >= least or time.monotonic() > end
    heard += [handle for handle, value in att.listen(1)
              if value == f"changed-{kind}".encode()]
    if late:
        break
for n, (read, _) in enumerate(attributes):
    check("times it is told", n, heard.count(own[n].value),
          0 if wanted[read] else 2)
assert not failed, f"{failed} in all"
sock.close()
# The key goes, but not the one that is to be kept.
if kind != "bonded":
    people.forget(A, B)
