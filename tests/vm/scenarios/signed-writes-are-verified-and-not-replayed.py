"""UUID COUNTER VALUE [key=HEX | changed | last | twice | from=ADDRESS]:
a Signed Write Command on an open link, and one that is answered after it."""
import os
import struct
import subprocess
import sys

from blesec_test import le
from blesec_test.att import Att


def cmac(key, message):
    with open("message", "wb") as file:
        file.write(message)
    return bytes.fromhex(subprocess.run(
        ["openssl", "mac", "-cipher", "AES-128-CBC", "-macopt",
         "hexkey:" + key.hex(), "-in", "message", "CMAC"], check=True,
        capture_output=True, text=True).stdout)


def signature(key, message, counter):
    """Core 5.4 Vol 3 Part H 2.4.5; the air has the least octet first."""
    counter = struct.pack("<I", counter)
    mac = cmac(key[::-1], (message + counter)[::-1])
    return counter + mac[:8][::-1]


uuid, counter, value = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
how = dict((word + "=").split("=")[:2] for word in sys.argv[4:])
key = bytes.fromhex(how.get("key", os.environ["CSRK"]))
source = os.environ["HCI0"]
if "from" in how:
    source = ("00:00:00:00:00:00", le.RANDOM)
att = Att(le.connect(source, os.environ["HCI1"]))
handles = {c.uuid: c.value for c in att.discover()}
message = b"\xd2" + struct.pack("<H", handles[uuid]) + value
sign = signature(key, message, counter)
if "changed" in how:
    message = message[:-1] + bytes([message[-1] ^ 1])
if "last" in how:
    sign = sign[:-1] + bytes([sign[-1] ^ 0x80])
att.send(message + sign)
if "twice" in how:
    att.write(handles["2a1c"], b"between")
    att.send(message + sign)
# An answer: what came before it was seen to.
assert att.read(handles["2a1c"]) is not None
assert le.security(att.sock)[0] == le.OPEN
