#!/bin/bash
# Every manual page is clean for mandoc and for groff.
set -euo pipefail
for c in mandoc man; do
	command -v "$c" >/dev/null || {
		echo "no $c"
		exit 77
	}
done
status=0
for page in "$S"/man/*.[1-8]; do
	echo "${page##*/}"
	mandoc -T lint -W warning "$page" || status=1
	LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$page" \
		2>"$T/warnings" >/dev/null || status=1
	if [ -s "$T/warnings" ]; then
		cat "$T/warnings"
		status=1
	fi
done
exit "$status"
