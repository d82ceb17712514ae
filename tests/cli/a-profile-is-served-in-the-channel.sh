#!/usr/bin/env bash
# A GATT profile inside the channel, for a client that nobody here wrote: the
# second implementation. Values that are constant, written, from a file, from
# stdin, from commands and from a process; notified and indicated to those who
# asked; for some peers only.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
mkfifo lines
exec 7<>lines
printf 'first' >value.txt
cat >profile.json <<'END'
{"appearance": 833, "services": [
 {"uuid": "heart_rate", "characteristics": [
  {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}},
  {"uuid": "2a38", "properties": ["read"], "value": 1},
  {"uuid": "2a39", "properties": ["write"],
   "value": {"command": {"write": ["sh", "-c", "cat >>controlled"]}}}]},
 {"uuid": "battery", "characteristics": [
  {"uuid": "2a19", "properties": ["read"],
   "value": {"command": {"read": ["sh", "-c", "cat level"]}}}]},
 {"uuid": "12345678-0000-4000-8000-000000000001", "characteristics": [
  {"uuid": "12345678-0000-4000-8000-000000000002",
   "properties": ["read", "write", "write-without-response", "indicate"],
   "value": {"text": "stored"}, "max": 512},
  {"uuid": "12345678-0000-4000-8000-000000000003",
   "properties": ["read", "write", "notify"], "value": {"file": "value.txt"}},
  {"uuid": "12345678-0000-4000-8000-000000000004",
   "properties": ["notify"],
   "value": {"process": ["sh", "-c",
    "while sleep 0.3; do n=$((n + 1)); echo text:tick $n; done", "TEST"]}},
  {"uuid": "12345678-0000-4000-8000-000000000005", "properties": ["read"],
   "value": {"text": "for the sensor"}, "read": {"peers": ["sensor*"]}},
  {"uuid": "12345678-0000-4000-8000-000000000006", "properties": ["read"],
   "value": {"text": "for phones"},
   "read": {"security": "secure-connections", "min_key_size": 16,
    "peers": ["phone"]}},
  {"uuid": "12345678-0000-4000-8000-000000000007",
   "properties": ["write-without-response"],
   "value": {"command": {"write": ["sleep", "1"]}}}]}]}
END
sed -i "s,TEST,$T," profile.json
ticks() { pgrep -f "text:tick.*$T" >/dev/null; }
echo 97 >level
serve --profile profile.json <&7

cat >client.py <<'PY'
import os, struct, subprocess, sys, time
sys.path.insert(0, os.environ["S"] + "/tests/lib")
import blesec_peer as blesec

T, ATT = os.environ["T"], 2


class Gatt:
    """ATT in the channel."""

    def __init__(self):
        self.peer = blesec.Central(f"unix:{T}/link")
        self.peer.secure(blesec.context("central", T + "/phone"))
        self.got = []
        reply = self.request(struct.pack("<BH", 2, 517))
        assert reply == struct.pack("<BH", 3, 517), reply.hex()

    def send(self, pdu):
        self.peer.send_message(ATT, pdu)

    def receive(self):
        while True:
            kind, body = self.peer.receive_message()
            if kind == ATT:
                return body

    def request(self, pdu):
        self.send(pdu)
        while True:
            body = self.receive()
            if body[0] not in (0x1b, 0x1d):
                return body
            self.got.append(body)

    def discover(self):
        """{UUID text: value handle}"""
        found, start = {}, 1
        while True:
            reply = self.request(struct.pack("<BHHH", 8, start, 0xffff,
                                             0x2803))
            if reply[0] == 1:
                assert reply[4] == 0x0a
                return found
            for i in range(2, len(reply), reply[1]):
                item = reply[i:i + reply[1]]
                start = struct.unpack("<H", item[:2])[0] + 1
                found[item[5:][::-1].hex()] = struct.unpack(
                    "<H", item[3:5])[0]

    def read(self, handle):
        value = b""
        reply = self.request(struct.pack("<BH", 0x0a, handle))
        assert reply[0] == 0x0b, reply.hex()
        value = reply[1:]
        while len(reply) == 517:
            reply = self.request(struct.pack("<BHH", 0x0c, handle, len(value)))
            assert reply[0] == 0x0d, reply.hex()
            value += reply[1:]
        return value

    def error(self, pdu):
        reply = self.request(pdu)
        assert reply[0] == 1, reply.hex()
        return reply[4]

    def write(self, handle, value):
        reply = self.request(struct.pack("<BH", 0x12, handle) + value)
        assert reply == b"\x13", reply.hex()

    def next(self, handle):
        """The next notification or indication of this handle."""
        while True:
            body = self.got.pop(0) if self.got else self.receive()
            if body[0] == 0x1d:
                self.send(b"\x1e")
            if struct.unpack("<H", body[1:3])[0] == handle:
                return body[0], body[3:]


def own(n):
    return f"123456780000400080000000000000{n:02x}"


gatt = Gatt()
h = gatt.discover()
assert {"2a00", "2a01", "2a37", "2a38", "2a39", "2a19", own(2)} <= set(h), h
assert gatt.read(h["2a00"]) == b"sensor"
assert gatt.read(h["2a01"]) == struct.pack("<H", 833)
assert gatt.read(h["2a38"]) == b"\1"
assert gatt.read(h[own(2)]) == b"stored"

# A command for each read, another for each write.
assert gatt.read(h["2a19"]) == bytes([97])
with open(T + "/level", "w") as file:
    file.write("42\n")
assert gatt.read(h["2a19"]) == bytes([42])
os.unlink(T + "/level")
assert gatt.error(struct.pack("<BH", 0x0a, h["2a19"])) == 0x0e
gatt.write(h["2a39"], b"\1")
with open(T + "/controlled") as file:
    assert file.read() == "hex:01\n"

# Long, queued, and for all peers.
long = bytes(i % 251 for i in range(512))
for i in range(0, 512, 400):
    part = struct.pack("<BHH", 0x16, h[own(2)], i) + long[i:i + 400]
    assert gatt.request(part)[1:] == part[1:]
assert gatt.request(b"\x18\1") == b"\x19"
assert gatt.read(h[own(2)]) == long
other = Gatt()
assert other.read(h[own(2)]) == long

# A file, both ways.
assert gatt.read(h[own(3)]) == b"first"
gatt.write(h[own(3)] + 1, b"\1\0")
with open(T + "/value.new", "w") as file:
    file.write("second")
os.rename(T + "/value.new", T + "/value.txt")
assert gatt.next(h[own(3)]) == (0x1b, b"second")
gatt.write(h[own(3)], b"third")
with open(T + "/value.txt") as file:
    assert file.read() == "third"

# stdin: to who asked, and only so long.
gatt.write(h["2a37"] + 1, b"\1\0")
with open(T + "/lines", "w") as lines:
    lines.write('{"uuid":"2a37","value":"hex:0048"}\n')
    lines.write('{"uuid":"heart rate measurement","value":"hex:0049"}\n')
    lines.write('{"uuid":"2a37"}\nnonsense\n{"uuid":"2a38","value":2}\n')
assert gatt.next(h["2a37"]) == (0x1b, b"\0\x48")
assert gatt.next(h["2a37"]) == (0x1b, b"\0\x49")
assert not other.got

# An indication, one at a time; also of what another peer writes.
gatt.write(h[own(2)] + 1, b"\2\0")
other.send(struct.pack("<BH", 0x52, h[own(2)]) + b"news")
assert gatt.next(h[own(2)]) == (0x1d, b"news")

# A process.
gatt.write(h[own(4)] + 1, b"\1\0")
first = int(gatt.next(h[own(4)])[1].split()[1])
assert int(gatt.next(h[own(4)])[1].split()[1]) == first + 1

# Not for everybody.
assert gatt.error(struct.pack("<BH", 0x0a, h[own(5)])) == 0x08
assert gatt.read(h[own(6)]) == b"for phones"

# Not as many programs as a peer likes.
for _ in range(100):
    gatt.send(struct.pack("<BH", 0x52, h[own(7)]) + b"x")
assert gatt.read(h["2a38"]) == b"\1"

# What is not there, and nonsense: an error, and the session goes on.
assert gatt.error(struct.pack("<BH", 0x0a, 0x7777)) == 0x01
assert gatt.error(b"\x0a\1") == 0x04
assert gatt.error(b"\x3e") == 0x06
gatt.peer.bye()
other.send(b"")
try:
    other.receive()
    raise AssertionError("it takes an empty PDU")
except blesec.PeerError:
    pass
print("all of it")
PY
export T
timeout 60 python3 client.py >said || fail "$(cat serve.json serve.err)"
grep -q 'all of it' said
grep -q '"event":"write".*"uuid":"2a39","value":"01"' serve.json
for text in 'not {"uuid":...,"value":...}: nonsense' 'takes no .2a38. from it' \
	"ended with status 1" "is not run: 4 are already, 4 for this peer"; do
	grep -q "$text" serve.err || fail "not said: $text: $(cat serve.err)"
done
ticks
stop_serve
! ticks || fail "the process goes on"

expect 3 "$B/tools/blesec-serve" --dir sensor --profile nosuch \
	"unix:$T/l" 2>err
grep -q nosuch err
expect 2 "$B/tools/blesec-serve" --dir sensor --profile profile.json \
	"unix:$T/l" -- cat 2>err
grep -q 'does not go together' err
