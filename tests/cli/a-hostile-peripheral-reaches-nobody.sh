#!/usr/bin/env bash
# Whatever a gateway's peripheral sends, centrals get well-formed answers to
# what they asked, or an error; the process that has the link survives, is
# confined as those of the peers are, and serves the peripheral when it comes
# again. If that process is killed, so ends blesec-serve, in order.
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
