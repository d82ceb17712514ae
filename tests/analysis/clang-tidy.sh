#!/bin/bash
# clang-tidy finds nothing, with .clang-tidy.
set -euo pipefail
command -v clang-tidy >/dev/null || {
	echo "no clang-tidy"
	exit 77
}
cd "$S"
# shellcheck disable=SC2016 # for each of the shells
printf '%s\n' common/*/*.c tools/*.c | xargs -n 4 -P "$(nproc)" sh -c '
	clang-tidy -quiet "$@" -- -std=gnu11 -D_GNU_SOURCE -I"$B" -Icommon \
		-Itools 2>"$T/$$" || { cat "$T/$$"; exit 1; }' sh
