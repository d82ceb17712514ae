#!/usr/bin/env bash
# Notifications in the channel, to a central that sleeps. For 5 s, stdin waits
# for it and it gets every one, even of a flood. If it sleeps longer it misses
# some, but not the last, and the other central gets every one. blesec-serve
# does not grow.
# build: gcc
# takes: 35 s
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
mkfifo lines
exec 7<>lines
cat >profile.json <<'END'
{"services": [{"uuid": "heart_rate", "characteristics": [
 {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}},
 {"uuid": "2a38", "properties": ["read"], "value": 1}]}]}
END
subscribe() {
	start_connect --notify 2a37 <never >connect.json 2>connect.err
	await 10 grep -q '"subscribed"' connect.json
}
flood() { # flood FIRST LAST
	seq "$1" "$2" | awk '{ printf "{\"uuid\":\"2a37\",\"value\":\"hex:00%08x%032x\"}\n", $1, 0 }' >&7
}
# asleep SECONDS FIRST LAST: while these come.
asleep() {
	local pids
	mapfile -t pids < <(echo "$client"; pgrep -P "$client")
	kill -STOP "${pids[@]}"
	flood "$2" "$3" &
	sleep "$1"
	kill -CONT "${pids[@]}"
	wait "$!"
}
numbers() {
	jq -r 'select(.event == "notification").value[2:10]' connect.json
}
all_of() {
	[ "$(numbers | wc -l)" = "$1" ]
}
high() {
	sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$server/status"
}

serve --profile profile.json <&7
subscribe
asleep 5 1 200
await 10 all_of 200
before=$(high)
asleep 5 201 20000
await 30 all_of 20000
numbers | cmp - <(seq 20000 | xargs printf '%08x\n')

connect --notify 2a37 --count 30000 </dev/null >other.json 2>other.err &
other=$!
await 10 grep -q '"subscribed"' other.json
asleep 17 20001 50000
wait "$other" || fail "$(cat other.err)"
jq -r 'select(.event == "notification").value[2:10]' other.json |
	cmp - <(seq 20001 50000 | xargs printf '%08x\n')
last() {
	[ "$(numbers | tail -n 1)" = "$(printf %08x 50000)" ]
}
await 20 last
many=$(numbers | wc -l)
((many > 20300 && many < 50000)) || fail "$many of 50,000"
numbers | sort -c || fail "out of order"
grep -q 'does not keep up with the other peers: it will miss values' serve.err
grown=$(($(high) - before))
# A sanitizer's own memory does not count.
nm -D "$B/tools/blesec-serve" >symbols
grep -q __asan symbols || [ "$grown" -lt 2048 ] || fail "$grown KiB more"
echo "$many of 50,000 by who slept for 17 s, $grown KiB more"
kill "$client"
expect 0 wait "$client"
stop_serve
