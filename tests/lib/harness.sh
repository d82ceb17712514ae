# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What every shell test says and waits with, over unix sockets or in the guest:
#
#   fail TEXT...                  say what is wrong, and end
#   skip TEXT...                  say why it cannot be tested here, and end
#   wait_for SECONDS COMMAND...   until it succeeds; false when time is up
#   await SECONDS COMMAND...      the same; fails the test when time is up
#   expect STATUS COMMAND...      it ends with that exit status, or fail
#
#   cached NAME COMMAND...        copy here what it makes in an empty directory;
#                                 it runs once for all tests of a run
#
# Seconds are those of an idle machine. scripts/check and tests/run measure how
# many times slower this one is: BLESEC_TEST_SLOWNESS. A function on_failure shows
# what helps to understand a failure.

# The stderr of the test, wherever that of a command goes.
exec {HARNESS_STDERR}>&2

fail()
{
	echo "failed: $*" >&"$HARNESS_STDERR"
	! declare -F on_failure >/dev/null || on_failure >&"$HARNESS_STDERR" 2>&1
	exit 1
}

skip()
{
	echo "$*"
	exit 77
}

wait_for()
{
	local end=$((SECONDS + $1 * ${BLESEC_TEST_SLOWNESS:-1} + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

await()
{
	wait_for "$@" || fail "waited in vain: $*"
}

expect()
{
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$wanted" ] ||
		fail "exit status $status instead of $wanted: $*"
}

# In the tests of one run, whose cache is new: dates in it are those of today.
cached()
{
	local made=${BLESEC_TEST_CACHE:-}/$1
	shift
	if [ -z "${BLESEC_TEST_CACHE:-}" ]; then
		"$@"
		return
	fi
	(
		flock 9
		[ ! -d "$made" ] || exit 0
		umask 022
		rm -rf "$made.new"
		mkdir "$made.new"
		cd "$made.new" && "$@" && mv "$made.new" "$made"
	) 9>"$made.lock" && cp -a "$made/." .
}
