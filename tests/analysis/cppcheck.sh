#!/bin/bash
# cppcheck finds nothing except what cppcheck.known lists with a reason.
# time limit: 300
set -euo pipefail
command -v cppcheck >/dev/null || {
	echo "no cppcheck"
	exit 77
}
cd "$S"
sed -n 's/^\([^# ][^ ]*\) .*/\1/p' tests/analysis/cppcheck.known >"$T/known"
cppcheck -q --std=c11 --enable=warning,performance,portability \
	--library=posix --library=gnu --library=tests/analysis/cppcheck.cfg \
	--suppressions-list="$T/known" --error-exitcode=1 -D__GNUC__ -Icommon \
	-Itools common tools tests/bench tests/fuzz tests/helpers tests/unit
