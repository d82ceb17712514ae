#!/usr/bin/env bash
# A client that does not confirm an indication is given up (Core 5.4 Vol 3 Part
# F 3.3.3); one that does is not, however many there are, nor one that has none
# to confirm.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
cat >profile.json <<'END'
{"expose": "link", "services": [{"uuid": "180f", "characteristics": [
 {"uuid": "2a19", "properties": ["read", "indicate"], "max": 1,
  "value": {"stdin": true}}]}]}
END
mkfifo lines
serve --profile profile.json <>lines
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1
python3 - <<'END'
import time
from att import Att, CONFIGURATION

lines = open("lines", "w")
def say(value):
    print('{"uuid":"2a19","value":%d}' % value, file=lines, flush=True)

good, mute, idle = (Att.unix("link") for _ in range(3))
level = good.discover()[-4]
assert level.uuid == "2a19", level
for att in good, mute:
    att.write(level.descriptors[CONFIGURATION], b"\2\0")
idle.read(level.value)
began = time.monotonic()
ended = None
for n in range(40):
    say(n % 100)
    assert good.listen(0.5, 1) == [(level.value, bytes([n % 100]))], n
    # Nothing of it is confirmed; the last value waits all the same.
    while not ended:
        try:
            pdu = mute.receive(0)
        except TimeoutError:
            break
        except (EOFError, ConnectionResetError):
            ended = time.monotonic() - began
            break
        assert pdu == b"\x1d" + level.value.to_bytes(2, "little") + b"\0", pdu
    if not ended:
        time.sleep(0.4)
    elif ended:
        break
assert ended and 29 < ended < 38, ended
assert good.read(level.value) == idle.read(level.value)
END
await 5 grep -q '"session":2.*"reason":"timeout"' serve.json
grep -q 'no confirmation of an indication for 30 s' serve.json
[ "$(grep -c '"reason":"timeout"' serve.json)" = 1 ]
stop_serve
