#!/usr/bin/env bash
# "expose": the same values are served on the open link, as far as it permits,
# beside the channel; a client that reads them may stay connected.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
sed "s/echo you/echo text:you/" "$S/tests/lib/profile.json" >both.json
echo -n "of a file" >value
mkfifo lines
serve --timeout 2 --profile both.json <>lines
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

python3 "$S/tests/cli/a-profile-is-served-on-the-link.py" "$B/tools/blesec-connect" ||
	fail "$(cat serve.err serve.json)"
# A client that disconnects is not reported as a lost link.
await 5 grep -q '"session":1.*"reason":"peer closed"' serve.json
[ "$(cat value)" = new ]
[ "$(jq -r 'select(.event == "write" and .session == 1) | .value' serve.json)" = \
	"$(printf anything | xxd -p)" ]
stop_serve

# Served on the link only: the channel has none of it.
sed 's/"both"/"link"/' both.json >link.json
serve --profile link.json <never
connect --discover </dev/null >found.json
! grep -q '"180d"' found.json || fail "$(cat found.json)"
[ "$(jq -r 'select(.event == "discovered") | .reason' found.json)" = null ]
python3 - <<'END'
from blesec_test.att import Att
assert "2a38" in [c.uuid for c in Att.unix("link").discover()]
END
stop_serve

# Served in the channel only: a stranger finds the tunnel, and has the usual
# time limit.
sed 's/"both"/"channel"/' both.json >channel.json
serve --timeout 1 --profile channel.json <never
python3 "$S/tests/cli/a-profile-is-served-on-the-link-channel-only.py"
stop_serve
