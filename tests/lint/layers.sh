#!/usr/bin/env bash
# Check the layers by what the object files in the build tree B call. Nothing
# calls or includes a folder above its own (Makefile.am names the folders from
# the bottom up), no files call each other in a circle, and every exported
# symbol is used by another file or a test.
set -euo pipefail
B=${B:-$S/build/gcc}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
cd "$S"

order=$(sed -n 's,^include .*/common/\([a-z]*\)/files.mk$,\1,p' Makefile.am)
objects=()
for source in common/*/*.c tools/*.c; do
	objects+=("${source%.c}.o")
done
cd "$B"
# "file.o: symbol type ..."
nm -AP -- "${objects[@]}" >"$T/symbols"
awk -v order="$(tr '\n' ' ' <<<"$order") tools" -v edges="$T/edges" \
	-v exported="$T/exported" '
	function rank(file, part)
	{
		split(file, part, "/")
		return place[part[1] == "tools" ? "tools" : part[2]]
	}
	BEGIN { for (i = split(order, folder); i; i--) place[folder[i]] = i }
	{ file = $1; sub(/\.o:$/, ".c", file) }
	$3 ~ /^[BCDRTVW]$/ { home[$2] = file }
	$3 == "U" { user[++n] = file; symbol[n] = $2 }
	END {
		for (i = 1; i <= n; i++) {
			if (!(symbol[i] in home)) continue
			to = home[symbol[i]]
			if (to == user[i]) continue
			used[symbol[i]] = 1
			print user[i], to >edges
			if (!rank(to) || rank(to) > rank(user[i]))
				print user[i] " calls up: " symbol[i] " of " to
		}
		for (s in home)
			if (!used[s] && s != "main") print s, home[s] >exported
	}' "$T/symbols" >"$T/faults"
# tsort names the members of each circle on stderr.
sort -u "$T/edges" | tsort 2>"$T/circles" >/dev/null ||
	sed -n 's/^tsort: \(.*\.c\)$/\1 calls another in a circle/p' \
		"$T/circles" >>"$T/faults"
cd "$S"
# The same for what headers are included: "file: folder".
grep -oH '^#include "[a-z]*/' common/*/*.[ch] | sed 's/#include "//; s,/$,,' |
	awk -F '[/:]' -v order="$order" '
	BEGIN { for (i = split(order, folder, "\n"); i; i--) place[folder[i]] = i }
	place[$4] > place[$2] {
		print $1 "/" $2 "/" $3 " includes of a folder above: " $4
	}' >>"$T/faults"
touch "$T/exported"
while read -r symbol file; do
	grep -rqw --include='*.[ch]' -- "$symbol" tests/unit tests/fuzz ||
		echo "$file exports $symbol, which no other file uses"
done <"$T/exported" >>"$T/faults"
sort -u "$T/faults"
[ ! -s "$T/faults" ]
