#!/usr/bin/env bash
# 3,000 lines go each way at once while each end in turn sleeps for 5 s.
# takes: 22 s
set -euo pipefail
. "$S/tests/lib/session.sh"

pad=$(printf 'x%.0s' {1..120})
asleep() { # asleep PID: with all its children
	local pids
	mapfile -t pids < <(echo "$1"; pgrep -P "$1")
	kill -STOP "${pids[@]}"
	touch asleep
	sleep 5
	kill -CONT "${pids[@]}"
}
# Wait, so that most lines are sent while an end sleeps.
say() {
	head -n 1000 lines
	await 60 test -e asleep
	tail -n +1001 lines
}
check() {
	jq -r 'select(.event == "message") | .json.n' "$1" | cmp - <(seq 3000)
}

identities
seq -f "{\"n\":%g,\"pad\":\"$pad\"}" 3000 >lines
for sleeper in connect serve; do
	rm -f asleep
	serve < <(say)
	start_connect < <(say) >connect.json
	await 10 grep -q '"message"' connect.json
	if [ "$sleeper" = connect ]; then
		asleep "$client"
	else
		asleep "$server"
	fi
	expect 0 wait "$client"
	stop_serve
	check connect.json
	check serve.json
done

# The same at the end of the stream: the end that is done waits for the one
# that sleeps.
for ending in wakes dies; do
	serve </dev/null
	mkfifo in
	exec 3<>in
	start_connect <in >connect.json 2>connect.err 3>&-
	await 10 grep -q '"end"' connect.json
	mapfile -t pids < <(echo "$server"; pgrep -P "$server")
	kill -STOP "${pids[@]}"
	seq -f '{"n":%g}' 20 >&3
	exec 3>&-
	sleep 4
	if [ "$ending" = wakes ]; then
		kill -CONT "${pids[@]}"
		expect 0 wait "$client"
		stop_serve
		jq -r 'select(.event == "message") | .json.n' serve.json |
			cmp - <(seq 20)
	else
		kill -KILL "${pids[@]}"
		wait "$server" || :
		expect 5 wait "$client"
		grep -q 'taken everything' connect.json
	fi
	rm in
done
