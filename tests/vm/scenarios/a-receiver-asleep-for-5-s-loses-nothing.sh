#!/bin/bash
# takes: 35 s
# time limit: 300
# 3,000 lines each way at once, while each end in turn sleeps for 5 s.
set -eu
. "$S/tests/vm/lib.sh"

pad=$(printf 'x%.0s' {1..120})
feed() { # most of them when somebody is asleep, however fast it goes
	head -n 100 lines
	until [ -e asleep ]; do sleep 0.05; done
	tail -n +101 lines
}
asleep() { # asleep NAME: all processes of that program of ours
	local pids
	mapfile -t pids < <(pgrep -f "tools/$1|^$1" )
	kill -STOP "${pids[@]}"
	touch asleep
	sleep 5
	kill -CONT "${pids[@]}"
}
check() { # check FILE
	jq -r 'select(.event == "message") | .json.n' "$1" | cmp - <(seq 3000)
}

identities
seq -f "{\"n\":%g,\"pad\":\"$pad\"}" 3000 >lines
for sleeper in blesec-connect blesec-serve; do
	rm -f asleep connect.json
	serve < <(feed)
	blesec-connect --dir phone "$HCI1" < <(feed) >connect.json &
	client=$!
	wait_for 20 holds connect.json '"message"'
	asleep "$sleeper"
	wait "$client" || fail "blesec-connect: $?"
	stop_serve || fail "blesec-serve: $?"
	check connect.json
	check serve.json
	wait_for 10 no_links
done
