#!/bin/bash
# All Python, known by its name or by its first line, is clean for pyflakes and
# for pycodestyle with its defaults.
set -euo pipefail
for tool in pyflakes3 pycodestyle; do
	command -v "$tool" >/dev/null || {
		echo "no $tool"
		exit 77
	}
done
cd "$S"
if git rev-parse --git-dir >/dev/null 2>&1; then
	git ls-files -z --cached --others --exclude-standard
else
	find . -path ./build -prune -o -type f -print0
fi >"$T/files"

scripts=()
while IFS= read -r -d '' f; do
	[ -f "$f" ] || continue
	if [[ $f != *.py ]]; then
		IFS= read -r first <"$f" || first=''
		[[ $first == '#!'*python* ]] || continue
	fi
	scripts+=("$f")
done < <(LC_ALL=C sort -z "$T/files")
echo "${#scripts[@]} files"
[ ${#scripts[@]} -gt 0 ]
status=0
pyflakes3 "${scripts[@]}" || status=1
pycodestyle "${scripts[@]}" || status=1
exit "$status"
