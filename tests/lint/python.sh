#!/bin/bash
# All Python, known by its name or by its first line, is clean for pyflakes and
# for pycodestyle with its defaults. Shell scripts hold no more than six lines of
# it, which neither can see.
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

scripts=() shell=()
while IFS= read -r -d '' f; do
	[ -f "$f" ] || continue
	if [[ $f != *.py ]]; then
		IFS= read -r first <"$f" || first=''
		case $first in
		'#!'*python*) ;;
		'#!'*sh | '#!'*'sh '* | '# shellcheck shell='*)
			shell+=("$f")
			continue
			;;
		*) continue ;;
		esac
	fi
	scripts+=("$f")
done < <(LC_ALL=C sort -z "$T/files")
echo "${#scripts[@]} files"
[ ${#scripts[@]} -gt 0 ]
status=0
pyflakes3 "${scripts[@]}" || status=1
pycodestyle "${scripts[@]}" || status=1

# In a here-document, or after -c.
awk -v quote="'" '
	FNR == 1 { end = "" }
	end != "" && ($0 ~ end || ++n > 6) {
		if (n > 6) {
			print FILENAME ":" begin ": more than six lines of Python"
			bad = 1
		}
		end = ""
		next
	}
	end == "" && /^[^#]*(python3|\.py).*<</ {
		end = $0
		sub(".*<<-?[\"" quote "]?", "", end)
		sub("[^A-Za-z_].*", "", end)
		end = "^\t*" end "$"
		begin = FNR
		n = 0
	}
	end == "" && $0 ~ "python3 -c *" quote "[^" quote "]*$" {
		end = quote
		begin = FNR
		n = 1
	}
	END { exit bad }' "${shell[@]}" || status=1
exit "$status"
