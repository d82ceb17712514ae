#!/usr/bin/env bash
# Whatever a gateway's peripheral sends, centrals get a well-formed answer to
# their request, or an error. The process that has the link survives, is
# confined like the peers' processes, and serves the peripheral when it comes
# back. If that process is killed, blesec-serve shuts down in order.
# build: both
# takes: 60 s
# time limit: 180
set -euo pipefail
. "$S/tests/lib/session.sh"
export PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 T

identities
: >sanitized
nm -D "$B/tools/blesec-serve" >symbols
! grep -q __asan symbols || echo asan >sanitized
parts=(discovery-{0..2} answers-{0..2} unasked-0)
pids=()
for part in "${parts[@]}"; do
	python3 "$S/tests/cli/a-hostile-peripheral-reaches-nobody.py" "$part" \
		<&8 >"$part.said" 2>&1 &
	pids+=($!)
done
for n in "${!parts[@]}"; do
	part=${parts[n]}
	wait "${pids[n]}" || fail "$part: $(cat "$part.said"; tail -n 3 "$part.err")"
	! grep -E 'Sanitizer|runtime error:' "$part.err" || fail "$part"
	cat "$part.said"
done
