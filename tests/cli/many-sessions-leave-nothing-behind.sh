#!/usr/bin/env bash
# 20 seconds of sessions, four at a time, every third dropped: no line is lost
# or doubled, and blesec-serve has no more memory, descriptors or processes than
# after the first. tests/soak is the same for longer.
# build: gcc
# takes: 22 s
# time limit: 100
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
python3 "$S/tests/lib/soak.py" --seed "${SOAK_SEED:-1}" \
	"${SOAK_SECONDS:-20}" "unix:$T/link" \
	"$B/tools/blesec-serve" --dir sensor "unix:$T/link" --lines -- cat \
	>figures || fail "$(tail -n 3 figures serve.json serve.err)"
cat figures
jq -e '.sessions > 8 and .drops > 1' figures >/dev/null
