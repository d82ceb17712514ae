#!/usr/bin/env bash
# Eight centrals share one gateway. Each gets its own answers, whatever the
# others ask meanwhile. Each has its own subscriptions, and the peripheral sees
# their union. A central that stops reading or disconnects harms no other.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

identities
export T
python3 "$S/tests/cli/a-gateway-is-shared.py" <&8 ||
	fail "$(tail -n 20 serve.err serve.json)"
