#!/bin/bash
# Every shell script, known by its first line, is clean for shellcheck: those
# that have changed most, and all with BLESEC_LONG.
# takes: 20 s
set -euo pipefail
command -v shellcheck >/dev/null || {
	echo "no shellcheck"
	exit 77
}
# shellcheck source=tests/lib/changed.sh
. "$S/tests/lib/changed.sh"
cd "$S"
most=60
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
[ ${#scripts[@]} -gt 100 ]
if [ -z "${BLESEC_LONG:-}" ] && changed=$(changed_most .); then
	mapfile -t changed < <(printf '%s\n' "$changed" |
		grep -xF -f <(printf '%s\n' "${scripts[@]}") | head -n "$most")
	# Where no script has changed, some all the same.
	[ ${#changed[@]} -gt 0 ] || changed=("${scripts[@]:0:most}")
	scripts=("${changed[@]}")
fi
echo "${#scripts[@]} scripts: ${scripts[*]}"
printf '%s\0' "${scripts[@]}" | xargs -0 -n 16 -P "$(nproc)" shellcheck -x
