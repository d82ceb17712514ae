#!/usr/bin/env bash
# --expose: a central sees the services and characteristics that are named, and
# nothing else is there for it; --read-only: it writes nothing; and what is no
# value for either is named in one line.
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

identities
cat >profile.json <<'END_OF_PROFILE'
{"expose": "link", "services": [
 {"uuid": "heart_rate", "characteristics": [
  {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}},
  {"uuid": "2a38", "properties": ["read"], "value": 1},
  {"uuid": "2a39", "properties": ["write"],
   "value": {"command": {"write": ["sh", "-c", "cat >>written"]}}}]},
 {"uuid": "battery", "characteristics": [
  {"uuid": "battery_level", "properties": ["read", "notify"],
   "value": {"stdin": true}, "max": 1}]},
 {"uuid": "7d0e0001-1f3c-4d5a-9a60-6f2b1c7e8d90", "characteristics": [
  {"uuid": "7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90",
   "properties": ["read", "write", "write-without-response"], "max": 40,
   "value": {"text": "stored"}},
  {"uuid": "7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90",
   "properties": ["read", "write"], "value": {"text": "hidden"}}]}]}
END_OF_PROFILE
mkfifo lines
"$B/tools/blesec-serve" --dir sensor --profile profile.json \
	"unix:$T/peripheral" <>lines >peripheral.json 2>peripheral.err &
await 10 test -S peripheral

cat >common.py <<'PY'
import struct
from att import Att, CONFIGURATION
from secured import Secured

OWN = "9292000508cf48bebf4d1ec88ca40b88"
plain = Att.unix("peripheral")
plain.exchange_mtu()
gate = Secured("phone", "link")
all_of = {c.uuid: c for c in plain.discover()}
seen = {c.uuid: c for c in gate.discover()}
mine = lambda n: f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"


def tell(line):
    print(line, flush=True, file=open("lines", "w"))
PY

# gateway OPTION... <SCRIPT
gateway() {
	cat common.py - >script.py
	serve --gateway "unix:$T/peripheral" "$@" <never
	await 10 grep -q '"state":"ready"' serve.json
	python3 script.py || fail "$*: $(cat serve.err serve.json)"
	stop_serve
	rm -f link
}

# A service as a whole, by its name, and a characteristic of another.
gateway --expose heart_rate --expose 7D0E0002-1f3c-4d5a-9a60-6f2b1c7e8d90 <<'PY'
assert set(seen) == {"2a37", "2a38", "2a39", mine(2),
                     "9292000608cf48bebf4d1ec88ca40b88"}, set(seen)
assert [s[0] for s in gate.services()] == [
    "180d", mine(1), OWN], gate.services()
for uuid in "2a37", "2a38", "2a39", mine(2):
    assert seen[uuid][:4] == all_of[uuid][:4], (seen[uuid], all_of[uuid])
assert gate.read(seen["2a38"].value) == b"\1"
assert gate.read(seen[mine(2)].value) == b"stored"
gate.write(seen[mine(2)].value, b"new")
assert plain.read(all_of[mine(2)].value) == b"new"
gate.write(seen["2a37"].descriptors[CONFIGURATION], b"\1\0")

# What is hidden is there in no way: each handle, by each request.
shown = set()
for uuid, first, last in gate.services():
    shown.add(first)
for c in seen.values():
    shown |= {c.handle, c.value, *c.descriptors.values()}
hidden = [h for h in range(1, max(c.end for c in all_of.values()) + 1)
          if h not in shown]
assert len(hidden) > 10, hidden
handle = lambda h: struct.pack("<H", h)
for h in hidden:
    for pdu in (b"\x0a" + handle(h), b"\x0c" + handle(h) + b"\0\0",
                b"\x0e" + handle(h) + handle(seen["2a38"].value),
                b"\x0e" + handle(seen["2a38"].value) + handle(h),
                b"\x20" + handle(seen["2a38"].value) + handle(h),
                b"\x12" + handle(h) + b"x",
                b"\x16" + handle(h) + b"\0\0x"):
        reply = gate.request(pdu)
        assert reply == bytes([1, pdu[0]]) + handle(h) + b"\1", (pdu, reply)
    for kind in (b"\x04", b""), (b"\x08", b"\x19\x2a"), (b"\x08", b"\x02\x29"), \
            (b"\x10", b"\x00\x28"), (b"\x06", b"\x00\x28\x0f\x18"), \
            (b"\x06", b"\x02\x29\0\0"):
        pdu = kind[0] + handle(h) * 2 + kind[1]
        reply = gate.request(pdu)
        assert reply == bytes([1, pdu[0]]) + handle(h) + b"\x0a", (pdu, reply)
    gate.write_command(h, b"lost")
assert plain.read(all_of[mine(3)].value) == b"hidden"
# Nor is it notified, were it ever so much.
plain.write(all_of["2a19"].descriptors[CONFIGURATION], b"\1\0")
tell('{"uuid":"2a19","value":50}')
tell('{"uuid":"2a37","value":"hex:0050"}')
assert plain.listen(0.5, 1) == [(all_of["2a19"].value, b"\x32")]
assert gate.listen(0.5, 1) == [(seen["2a37"].value, b"\0\x50")]
PY

# One characteristic by name, with its configuration.
gateway --expose "Battery Level" --read-only <<'PY'
assert [s[0] for s in gate.services()] == ["180f", OWN]
level = seen["2a19"]
assert set(seen) == {"2a19", "9292000608cf48bebf4d1ec88ca40b88"}
gate.write(level.descriptors[CONFIGURATION], b"\1\0")
tell('{"uuid":"2a19","value":51}')
assert gate.listen(0.5, 1) == [(level.value, b"\x33")]
PY

# Nothing but configurations is written.
gateway --read-only <<'PY'
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
PY
[ ! -e written ] || fail "written: $(cat written)"

# Without either, it does get there.
gateway <<'PY'
gate.write(seen["2a39"].value, b"\1")
PY
[ "$(cat written)" = hex:01 ]

# bad VALUE ARGUMENT...
bad() {
	local value=$1
	shift
	expect 2 "$B/tools/blesec-serve" --dir sensor "$@" unix:a \
		</dev/null >out 2>err
	sed -i '/: see --help$/d' err
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $*: $(cat err)"
	grep -qF -- "$value" err || fail "no '$value': $*: $(cat err)"
	[ ! -s out ] || fail "on stdout: $*"
}
long=$(printf 'x%.0s' {1..130})
for value in '' x unix: name: name:sensor hci0 00:11:22:33:44 \
	00:11:22:33:44:5G "hci0," hci0,hci1 hci0,x \
	"unix:$long"; do
	bad "\`${value#hci0,}'" --gateway "$value"
done
bad "\`hcix'" --gateway hcix,unix:b
bad hci99999 --gateway hci99999,00:11:22:33:44:55
bad "one --gateway" --gateway unix:b --gateway unix:c
for value in '' x 18 0x 180g 7d0e0001-1f3c-4d5a-9a60 heart-rates; do
	bad "\`$value'" --gateway unix:b --expose "$value"
done
many=()
for ((n = 0; n < 65; n++)); do many+=(--expose 180d); done
bad "more than 64" --gateway unix:b "${many[@]}"
bad --expose --expose 180d
bad --read-only --read-only
bad "doesn't allow" --gateway unix:b --read-only=yes
bad --profile --gateway unix:b --profile profile.json
bad --raw --gateway unix:b --raw
expect 2 "$B/tools/blesec-serve" --dir sensor --gateway unix:b unix:a \
	-- cat 2>err
grep -q 'a command' err
