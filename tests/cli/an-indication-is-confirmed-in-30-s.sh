#!/usr/bin/env bash
# A client that does not confirm an indication is disconnected (Core 5.4 Vol 3
# Part F 3.3.3). One that confirms is not, however many indications there are,
# and neither is one that has none to confirm.
# takes: 32 s
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
python3 "$S/tests/cli/an-indication-is-confirmed-in-30-s.py"
await 5 grep -q '"session":2.*"reason":"timeout"' serve.json
grep -q 'no confirmation of an indication for 30 s' serve.json
[ "$(grep -c '"reason":"timeout"' serve.json)" = 1 ]
stop_serve
