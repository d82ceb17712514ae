#!/usr/bin/env bash
# Eight centrals at one gateway: each has its own answers, whoever asks between;
# its own subscriptions, which reach the peripheral only as all together want
# them; and one that never reads again, or goes, harms nobody.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1

identities
export T
python3 "$S/tests/cli/a-gateway-is-shared.py" <&8 ||
	fail "$(tail -n 20 serve.err serve.json)"
