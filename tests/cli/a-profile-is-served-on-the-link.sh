#!/usr/bin/env bash
# "expose": the same values on the link, as far as an open link permits, beside
# the channel; and who comes for them may stay.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
sed "s/echo you/echo text:you/" "$S/tests/lib/profile.json" >both.json
echo -n "of a file" >value
mkfifo lines
serve --timeout 2 --profile both.json <>lines
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

cat >client.py <<'END'
import subprocess, sys, time
from att import Att, CONFIGURATION

att = Att.unix("link")
plain = att.discover()
by = {c.uuid: c for c in plain}
own = lambda n: by[f"7d0e000{n}1f3c4d5a9a606f2b1c7e8d90"]
# Before it, what the profile says; after it, the tunnel.
assert [s[0] for s in att.services()][:3] == ["1800", "1801", "180d"]
assert att.read(by["2a38"].value) == b"\x01"
assert att.read(own(3).value) == b"of a file"
assert att.read(by["2a8a"].value) == b"you"
att.write(own(5).value, b"anything")
assert att.code(att.write, own(2).value, b"x") == 0x05
assert att.code(att.read, own(2).value) == 0x08
assert att.code(att.write, own(4).value, b"x") == 0x03
assert att.code(att.write, by["2a37"].descriptors[CONFIGURATION],
                b"\1\0") == 0x05
assert att.code(att.read, 0x7777) == 0x01
# A signed write that nobody has a key for is ignored.
att.send(b"\xd2" + own(4).value.to_bytes(2, "little") + b"x" + bytes(12))
assert att.read(own(4).value) == bytes([1, 2, 3])
# Longer than the time to be secured, and still served; notified, too.
level = by["2a19"]
att.write(level.descriptors[CONFIGURATION], b"\1\0")
time.sleep(3)
for percent in range(5):
    print('{"uuid":"2a19","value":%d}' % percent, flush=True,
          file=open("lines", "w"))
assert att.listen(1, 5) == [(level.value, bytes([n])) for n in range(5)]
assert att.read(level.value) == b"\4"
# Somebody else, in the channel.
told = subprocess.run(
    [sys.argv[1], "--dir", "phone", "--read", "2a19", "--write",
     "7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90=text:new", "unix:link"],
    stdin=subprocess.DEVNULL, capture_output=True, text=True)
assert told.returncode == 0 and '"value":"04"' in told.stdout, told
assert att.read(own(3).value) == b"new"
END
python3 client.py "$B/tools/blesec-connect" || fail "$(cat serve.err serve.json)"
# A client that goes is none that was lost.
await 5 grep -q '"session":1.*"reason":"peer closed"' serve.json
[ "$(cat value)" = new ]
[ "$(jq -r 'select(.event == "write" and .session == 1) | .value' serve.json)" = \
	"$(printf anything | xxd -p)" ]
stop_serve

# On the link only: nothing of it is in the channel.
sed 's/"both"/"link"/' both.json >link.json
serve --profile link.json <never
connect --discover </dev/null >found.json
! grep -q '"180d"' found.json || fail "$(cat found.json)"
[ "$(jq -r 'select(.event == "discovered") | .reason' found.json)" = null ]
python3 - <<'END'
from att import Att
assert "2a38" in [c.uuid for c in Att.unix("link").discover()]
END
stop_serve

# In the channel only: a stranger finds the tunnel, and is not waited for.
sed 's/"both"/"channel"/' both.json >channel.json
serve --timeout 1 --profile channel.json <never
python3 - <<'END'
from att import Att
att = Att.unix("link")
assert "2a38" not in [c.uuid for c in att.discover()]
try:
    while True:
        att.receive(15)
except (EOFError, ConnectionResetError):
    pass
END
stop_serve
