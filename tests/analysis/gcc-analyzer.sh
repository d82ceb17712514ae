#!/bin/bash
# gcc -fanalyzer finds exactly what gcc-analyzer.known lists.
set -euo pipefail
[ "$(gcc -dumpversion)" = 12 ] || {
	echo "gcc-analyzer.known is what gcc 12 finds"
	exit 77
}
cd "$S"
read -ra flags < <(pkg-config --cflags openssl jansson libcurl tss2-esys)
analyze() {
	LC_ALL=C gcc -std=gnu11 -O1 -fanalyzer -c -o /dev/null -D_GNU_SOURCE \
		-I"$B" -Icommon -Itools "${flags[@]}" "$1" 2>&1 |
		tee "$T/$(basename "$1").said" |
		sed -n 's/^\([^:]*\): In function .\(.*\).:$/\1 \2/p
			s/.*\[-Wanalyzer-\(.*\)\]$/check \1/p' |
		awk '$1 == "check" { print at, $2; next } { at = $0 }'
}
jobs=$(nproc) running=0
for source in common/*/*.c tools/*.c; do
	[ "$running" -lt "$jobs" ] || { wait -n; running=$((running - 1)); }
	analyze "$source" >"$T/$(basename "$source").found" &
	running=$((running + 1))
done
wait
LC_ALL=C sort -u "$T"/*.found >"$T/found"
sed '/^#/d' tests/analysis/gcc-analyzer.known | LC_ALL=C sort >"$T/known"
comm -23 "$T/found" "$T/known" >"$T/new"
while read -r file _; do
	cat "$T/$(basename "$file").said"
done <"$T/new"
diff "$T/known" "$T/found"
