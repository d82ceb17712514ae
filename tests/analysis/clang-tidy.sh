#!/bin/bash
# clang-tidy finds nothing, with .clang-tidy. The checks of clang's analyzer,
# which take six times as long as all others, look at the files that have
# changed most, and at all with BLESEC_LONG.
# time limit: 900
# takes: 60 s
set -euo pipefail
command -v clang-tidy >/dev/null || {
	echo "no clang-tidy"
	exit 77
}
# shellcheck source=tests/lib/changed.sh
. "$S/tests/lib/changed.sh"
cd "$S"
most=20

# tidy LESS FILE...: all checks but those
tidy() {
	local less=$1
	shift
	# shellcheck disable=SC2016 # for each of the shells
	printf '%s\n' "$@" | LESS=$less xargs -n 3 -P "$(nproc)" sh -c '
		clang-tidy -quiet ${LESS:+-checks="$LESS"} "$@" -- -std=gnu11 \
			-D_GNU_SOURCE -I"$B" -Icommon -Itools 2>"$T/$$" ||
			{ cat "$T/$$"; exit 1; }' sh
}

all=(common/*/*.c tools/*.c)
if [ -n "${BLESEC_LONG:-}" ] ||
	! changed=$(changed_most '^(common|tools)/.*\.c$'); then
	tidy '' "${all[@]}"
	exit
fi
# If no C file has changed, check some anyway.
[ -n "$changed" ] || changed=$(printf '%s\n' "${all[@]}")
mapfile -t changed < <(head -n "$most" <<<"$changed")
mapfile -t rest < <(printf '%s\n' "${all[@]}" |
	grep -vxF -f <(printf '%s\n' "${changed[@]}"))
echo "with the analyzer: ${changed[*]}"
tidy '' "${changed[@]}"
tidy '-clang-analyzer-*' "${rest[@]}"
