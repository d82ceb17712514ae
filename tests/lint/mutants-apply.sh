#!/usr/bin/env bash
# Every patch of tests/mutants applies. Whether a test notices it takes longer
# to find out.
set -eu
cd "$S"
status=0
for patch in tests/mutants/*.patch; do
	if ! sed '1,/^$/d' "$patch" | git apply --check - 2>/dev/null; then
		echo "$patch does not apply any more"
		status=1
	fi
done
exit "$status"
