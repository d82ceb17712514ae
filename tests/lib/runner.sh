# shellcheck shell=bash
# Running one test: a time limit, a log, a line for the result, and nothing
# that it started left alive. Sourced by tests/run, scripts/check and, inside
# the guest, tests/vm/guest-suite.
#
# RESULTS	file to which each result line is appended
# LOGS		directory for the logs
# TRY_AGAIN	not empty: what fails is tried once more, see tried_again
# BLESEC_TEST_SLOWNESS	what time limits are multiplied by, see slowness

# The live processes of a test, by session or by TAG: a daemon leaves its
# session and its parent, but keeps its environment.
test_processes()
{
	local sid=$1 tag=$2
	# A glob of /proc is stale as soon as it is read: errors are normal.
	# After the name in parentheses: state, parent, group, session.
	{
		cat /proc/[0-9]*/stat | awk -v sid="$sid" '{
			pid = $1
			sub(/.*\) /, "")
			if ($4 == sid && $1 != "Z") print pid
		}'
		grep -lzsx -- "BLESEC_TEST_TAG=$tag" /proc/[0-9]*/environ |
			cut -d/ -f3
	} 2>/dev/null | sort -u
}

sweep()
{
	local round pid pids
	for round in 1 2 3 4 5; do
		mapfile -t pids < <(test_processes "$1" "$2")
		[ ${#pids[@]} -gt 0 ] || return 0
		for pid in "${pids[@]}"; do
			[ "$round" != 1 ] || echo "left running, killed: $pid" \
				"$(tr '\0' ' ' </proc/"$pid"/cmdline)"
			kill -KILL "$pid"
		done 2>/dev/null
		sleep 0.1
	done
	echo "cannot be killed: ${pids[*]}"
}

# run_limited SECONDS LOG COMMAND...: its exit status, 124 when out of time.
# In a subshell, for the sake of the caller's traps.
run_limited()
(
	limit=$1 log=$2 status=0 tag=$BASHPID.$(now_ms)
	shift 2
	# Not a group leader, so setsid needs no fork: $! is the session.
	BLESEC_TEST_TAG=$tag setsid timeout -k 3 "$limit" "$@" \
		</dev/null >"$log" 2>&1 &
	sid=$!
	trap 'sweep "$sid" "$tag" >/dev/null; exit 130' INT TERM HUP
	wait "$sid" 2>/dev/null || status=$?
	sweep "$sid" "$tag" >>"$log"
	# 137: it ignored SIGTERM and timeout had to insist
	case $status in 124 | 137) ;; *) exit "$status" ;; esac
	echo "ended after the time limit of $limit s, or killed ($status)" >>"$log"
	exit 124
)

# A test may ask for more time than is usual: "# time limit: 120".
limit_of()
{
	local own
	own=$(head -n 20 -- "$1" | LC_ALL=C tr -d '\0' |
		LC_ALL=C sed -n 's/^# time limit: \([0-9]*\)$/\1/p')
	printf '%s\n' $((${own:-0} > $2 ? own : $2))
}

# real_python DIR: the interpreter itself comes first in PATH, by a link in DIR.
# A python3 of a version manager looks for it at every start, which takes ten
# times as long. Debian's has the packages that scripts/deps installs.
real_python()
{
	local real=/usr/bin/python3
	[ -x "$real" ] ||
		real=$(python3 -c 'import sys; print(sys.executable)') || return 0
	[ "$(type -P python3)" != "$real" ] || return 0
	mkdir -p "$1"
	ln -sfn "$real" "$1/python3"
	PATH=$1:$PATH
}

# slowness: how many times longer than on an idle machine of today it takes to
# start programs, rounded up. Time limits are multiplied by it.
slowness()
{
	local start n
	start=$(now_ms)
	for n in {1..100}; do
		/bin/true
	done
	n=$(($(now_ms) - start))
	# 100 to 150 ms of an idle machine
	n=$((1 + n / 250))
	printf '%s\n' $((n < 8 ? n : 8))
}

# longest_first FILE...: in that order, one a line. "# takes: 40 s" near the top
# of a test that takes long says so.
longest_first()
{
	awk 'FNR == 1 { file[++n] = FILENAME }
		FNR <= 20 && /^(#|\/\*) takes: [0-9]+ s/ { time[n] = $3 }
		END { for (i = 1; i <= n; i++) print time[i] + 0, file[i] }' "$@" |
		sort -s -k 1,1nr | cut -d ' ' -f 2-
}

now_ms()
{
	local t=${EPOCHREALTIME/[.,]/}
	printf '%s\n' "${t%???}"
}

# report NAME STATUS MILLISECONDS LOG [again]: print the result and add it to
# RESULTS.
report()
{
	local name=$1 status=$2 log=$4 time line
	printf -v time '%d.%d s' $(($3 / 1000)) $(($3 % 1000 / 100))
	[ -z "${5:-}" ] || time+=', at the second try'
	case $status in
	0) line="ok $name ($time)" ;;
	77) line="skip $name: $(tail -n 1 "$log")" ;;
	*) line="FAIL $name (status $status, $time)" ;;
	esac
	(
		flock 9
		printf '%s\n' "$line" >&9
		printf '%s\n' "$line"
		case $status in
		0 | 77) ;;
		*) tail -n 40 "$log" | sed 's/^/    /' ;;
		esac
	) 9>>"$RESULTS"
}

# tried_again NAME STATUS LOG: is this failure worth a second try? What passes
# then is named in the end, and too many such are a failure. Final is what a
# sanitizer, valgrind or the kernel has found, and the death of a program.
tried_again()
{
	[ -n "${TRY_AGAIN:-}" ] || return 1
	case $2 in 0 | 77 | 99 | kernel | 13[1-9]) return 1 ;; esac
	! grep -qE 'Sanitizer|runtime error:|core dumped|Segmentation' "$3" ||
		return 1
	{
		echo "again $1 (status $2); at first:"
		tail -n 40 "$3" | sed 's/^/    /'
	} | flock "$RESULTS" tee -a "$RESULTS"
	mv "$3" "${3%.log}.first.log"
}

# run_test NAME SECONDS COMMAND...
run_test()
{
	local name=$1 limit=$(($2 * ${BLESEC_TEST_SLOWNESS:-1}))
	local log start status=0 note=
	shift 2
	log=$LOGS/${name//\//.}.log
	start=$(now_ms)
	run_limited "$limit" "$log" "$@" || status=$?
	if tried_again "$name" "$status" "$log"; then
		if [ -n "${T:-}" ]; then
			T+=-again
			mkdir "$T"
		fi
		note=again status=0 start=$(now_ms)
		run_limited "$limit" "$log" "$@" || status=$?
	fi
	report "$name" "$status" $(($(now_ms) - start)) "$log" $note
	case $status in 0 | 77) return 0 ;; esac
	return 1
}

# skip_test NAME REASON: one that this machine cannot run.
skip_test()
{
	printf '%s\n' "$2" >"$LOGS/${1//\//.}.log"
	report "$1" 77 0 "$LOGS/${1//\//.}.log"
}

# summary RESULTS: the last line, and the exit status that belongs to it.
# One test that passed only at the second try is borne with, by name: a machine
# has its moments. A test that does so twice is to be mended.
summary()
{
	local passed failed skipped unsteady
	passed=$(grep -c '^ok ' "$1") || :
	failed=$(grep -c '^FAIL ' "$1") || :
	skipped=$(grep -c '^skip ' "$1") || :
	unsteady=$(grep -c '^ok .*, at the second try)$' "$1") || :
	[ "$failed" = 0 ] || grep '^FAIL ' "$1"
	if [ "$unsteady" != 0 ]; then
		echo "unsteady, to be mended:"
		grep '^ok .*, at the second try)$' "$1"
	fi
	[ "$skipped" = 0 ] || [ "${CI:-}" != true ] ||
		echo "in CI nothing may be skipped"
	[ "$unsteady" -le 1 ] || echo "more than one is unsteady: a failure"
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" = 0 ] && [ "$unsteady" -le 1 ] || return 1
	[ "$passed$skipped" != 00 ] || return 1
	[ "$skipped" = 0 ] || [ "${CI:-}" != true ]
}
