# shellcheck shell=bash
# The parts of scripts/check: which tests there are, what they need and how
# they are run. A part without a wanted test does nothing.

jobs=$(nproc)
[ "$jobs" -le 4 ] || jobs=4
# how many jobs that mostly wait run at a time
waiting=$((3 * jobs))

# Long tests run with --long, or when they are named.
also_long()
{
	# shellcheck disable=SC2154 # from scripts/check
	[ -n "$long$list" ] || [ ${#patterns[@]} -gt 0 ] && [ -z "$changed" ]
}

# In a run of all tests a failure may be the machine's, so tests that wait for
# other processes are tried again; not when a test is named or repeated.
try=(-a)
! also_long || try=()

# Added to the environment of the tests. A sanitizer's finding must end the
# program, with a status of its own. Your settings come last and win:
# ASAN_OPTIONS=fast_unwind_on_malloc=0 shows which code leaks through
# libcrypto.
run_env=()
sanitizer=(
	ASAN_OPTIONS="exitcode=99:detect_stack_use_after_return=1:strict_string_checks=1:${ASAN_OPTIONS:-}"
	UBSAN_OPTIONS="exitcode=99:print_stacktrace=1:${UBSAN_OPTIONS:-}"
)

part_lint()
{
	choose lint/ "$S"/tests/lint/*.sh || return 0
	# layers.sh looks at object files
	[[ " ${chosen[*]} " != */layers.sh\ * ]] || need gcc || return 0
	B=$S/build/gcc run lint/ -t 900 -j "$jobs"
}

part_builds()
{
	local name names=()
	for name in gcc clang asan; do
		! wanted "build/$name" || names+=("$name")
	done
	build_all "${names[@]}"
}

# Faults that compilers and the like find without running the code.
part_analysis()
{
	choose analysis/ "$S"/tests/analysis/*.sh || return 0
	need gcc || return 0
	B=$S/build/gcc run analysis/ -j "$jobs" -t 900
}

# Unit tests are programs: tests/unit/test-NAME.c, the same in each build.
# "valgrind: no" in one's first comment says that valgrind cannot run it.
unit_tests()
{
	local prefix=$1 build=$2 files
	shift 2
	files=("$S"/tests/unit/test-*.c)
	[ "$prefix" != unit-valgrind/ ] ||
		mapfile -t files < <(grep -L '^ \* valgrind: no' "${files[@]}")
	choose "$prefix" "${files[@]}" || return 0
	need "$build" || return 0
	chosen=("${chosen[@]##*/}")
	chosen=("${chosen[@]/#/$S/build/$build/tests/unit/}")
	chosen=("${chosen[@]%.c}")
	B=$S/build/$build run "$prefix" -j "$jobs" "$@"
}

part_unit()
{
	unit_tests unit-gcc/ gcc
	unit_tests unit-clang/ clang
	run_env=("${sanitizer[@]}")
	unit_tests unit-asan/ asan -t 600
	run_env=()
	unit_tests unit-valgrind/ gcc -t 600 \
		-x "valgrind -q --error-exitcode=99 --leak-check=full --track-fds=no --trace-children=yes"
}

# cli_tests gcc|asan: set files to the tests of the tools for that build. Each
# runs once, under the sanitizers, but for what "# build: WORD" near its top
# says:
#   gcc   not under the sanitizers, which switch off or distort what it is about
#   both  in both: only a part of it is so
#   any   it runs nothing that is compiled
# With --long, and by name, all but the last run in both.
cli_tests()
{
	local file word
	files=()
	for file in "$S"/tests/cli/*.sh; do
		word=$(sed -n '1,20s/^# build: //p' "$file")
		case $word/$1 in
		any/gcc | gcc/gcc | both/* | /asan) ;;
		any/asan) continue ;;
		gcc/asan | /gcc) also_long || continue ;;
		*)
			echo "check: $file: no build '$word'" >&2
			exit 2
			;;
		esac
		files+=("$file")
	done
}

# The tools tested from outside, over unix sockets.
part_cli()
{
	local round rounds=1 files
	[ -z "${long:-}" ] || rounds=5
	for ((round = 0; round < rounds; round++)); do
		cli_tests gcc
		if choose cli/ "${files[@]}" && need gcc; then
			B=$S/build/gcc run cli/ "${try[@]}" -j "$waiting" -t 120 -x bash
		fi
		cli_tests asan
		if choose cli-asan/ "${files[@]}" && need asan; then
			run_env=("${sanitizer[@]}")
			B=$S/build/asan run cli-asan/ "${try[@]}" -j "$waiting" -t 240 -x bash
			run_env=()
		fi
	done
}

# Code that takes octets from outside, fed by libFuzzer: tests/fuzz/NAME.c.
# These are sanitized by themselves.
part_fuzz()
{
	local limit=600
	choose fuzz/ "$S"/tests/fuzz/*.c || return 0
	need gcc || return 0
	[ -z "${long:-}" ] || limit=7200
	B=$S/build/gcc run fuzz/ -j "$jobs" -t "$limit" -x "$S/tests/fuzz/run"
}

# Known faults put into the code: does a test notice each?
part_mutants()
{
	also_long || return 0
	chosen=("$S/tests/mutants/run")
	if [ ! -x "${chosen[0]}" ] || ! wanted mutants || ! need gcc; then
		return 0
	fi
	say "mutants"
	B=$S/build/gcc run_test mutants 3600 "${chosen[@]}" || :
}

part_package()
{
	choose package/ "$S"/tests/package/*.sh || return 0
	case " ${chosen[*]##*/} " in
	*' demo-vm.sh '*) "$S/scripts/deps" vm || : ;;
	esac
	need gcc || return 0
	B=$S/build/gcc run package/ -t 240
}

# only_long FILE: why it is left to --long, if it is: "# only with --long: WHY"
# near its top.
only_long()
{
	sed -n '1,20s/^# only with --long: //p' "$1"
}

# scenarios PREFIX BUILD SECONDS: the scenarios on the real kernel.
scenarios()
{
	local prefix=$1 build=$2 each=$3 lacking file i guests=1 queue why
	local files=()
	for file in "$S"/tests/vm/scenarios/*.sh; do
		why=$(only_long "$file")
		if [ -n "$list" ] && [ -n "$why" ]; then
			echo "$prefix$(basename "$file" .sh): only with --long: $why"
		elif [ -z "$why" ] || also_long; then
			files+=("$file")
		fi
	done
	choose "$prefix" "${files[@]}" || return 0
	"$S/scripts/deps" vm || :
	if ! lacking=$("$S/tests/vm/run" -c); then
		for file in "${chosen[@]}"; do
			skip_test "$prefix$(basename "$file" .sh)" "$lacking"
		done
		return
	fi
	need "$build" || return 0
	say "$prefix, ${#chosen[@]} scenarios"
	# They wait more than they compute: one guest more than processors.
	[ "$jobs" -lt 2 ] || [ ${#chosen[@]} -lt 6 ] || guests=$((jobs + 1))
	queue=$(mktemp -d "${RESULTS%/*}/queue.XXXXXX")
	for ((i = 0; i < guests; i++)); do
		B=$S/build/$build env "${run_env[@]}" "$S/tests/vm/run" "${try[@]}" \
			-o "$RESULTS" -p "$prefix" -t "$each" -q "$queue" \
			-d "${RESULTS%/*}/vm$i" "${chosen[@]}" &
	done
	wait
}

part_vm()
{
	local round rounds=1
	[ -z "${long:-}" ] || rounds=3
	# It waits for scenarios that hang: beside those that do not.
	if choose vm/ "$S/tests/vm/self-test" && need gcc; then
		"$S/scripts/deps" vm || :
		run vm/ &
	fi
	for ((round = 0; round < rounds; round++)); do
		scenarios vm/ gcc 150
		also_long || continue
		run_env=("${sanitizer[@]}")
		scenarios vm-asan/ asan 300
		run_env=()
	done
	wait
}

part_long()
{
	[ -n "${long:-}" ] || return 0
	choose long/ "$S"/tests/long/*.sh || return 0
	need asan || return 0
	B=$S/build/asan run long/ -t 3600
}

# Tests that compute, at a lower priority, beside tests that wait.
lane_of_computing()
{
	renice -n 5 "$BASHPID" >/dev/null
	part_lint
	part_analysis
	part_unit
	part_fuzz
	part_package
}

lane_of_waiting()
{
	part_cli
	part_vm
}

# lane FUNCTION: in the background, in a process group of its own.
lanes=()
lane()
{
	set -m
	(
		set +m
		"$1"
		say "end of ${1//_/ }"
	) &
	lanes+=($!)
	set +m
}

all_parts()
{
	if also_long; then
		part_lint
		part_builds
		part_analysis
		part_unit
		part_cli
		part_fuzz
		part_package
		part_vm
		part_mutants
		part_long
		return
	fi
	trap 'kill -- "${lanes[@]/#/-}" 2>/dev/null; wait; exit 130' INT TERM HUP
	part_builds
	lane lane_of_computing
	lane lane_of_waiting
	wait
}
