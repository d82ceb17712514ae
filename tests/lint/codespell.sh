#!/bin/bash
# No word is misspelt in a way that codespell knows.
set -euo pipefail
command -v codespell >/dev/null || {
	echo "no codespell"
	exit 77
}
cd "$S"
files=(README.md CHANGELOG.md HACKING.md configure.ac Makefile.am common keys man scripts
	tests tools)
# Nd is a macro of mdoc(7), Inh of /proc/PID/status.
codespell --ignore-words-list inh,nd --skip '*.patch,*/corpus/*' "${files[@]}"
