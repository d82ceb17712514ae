#!/bin/bash
# Every shell script, known by its first line, is clean for shellcheck.
set -euo pipefail
command -v shellcheck >/dev/null || {
	echo "no shellcheck"
	exit 77
}
cd "$S"
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files -z --cached --others --exclude-standard
else
	find . -path ./build -prune -o -type f -print0
fi >"$T/files"

scripts=()
while IFS= read -r -d '' f; do
	[ -f "$f" ] || continue
	read -r first <"$f" || first=''
	case $first in
	'#!'*sh | '#!'*'sh '* | '# shellcheck shell='*) scripts+=("$f") ;;
	esac
done < <(grep -zv '^configure$' "$T/files" | LC_ALL=C sort -z)
echo "${#scripts[@]} scripts"
[ ${#scripts[@]} -gt 0 ]
printf '%s\0' "${scripts[@]}" | xargs -0 -n 16 -P "$(nproc)" shellcheck -x
