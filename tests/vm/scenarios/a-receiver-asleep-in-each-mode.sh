#!/bin/bash
# time limit: 800
# The central sleeps for 5 s while the peripheral sends lines, a stream, a
# command's output or notifications, over ATT or a credit-based channel. Nothing
# is lost. (Other scenarios test lines over ATT and streams over the channel.)
# only with --long: vm/a-receiver-asleep-for-5-s-loses-nothing and vm/the-channel-over-a-credit-based-channel have the two bearers
set -eu
. "$S/tests/vm/lib.sh"

identities
head -c 3000000 /dev/urandom >file
seq -f '{"n":%g,"pad":"'"$(printf 'x%.0s' {1..120})"'"}' 3000 >lines
cat >profile.json <<'END'
{"services": [{"uuid": "heart_rate", "characteristics": [
 {"uuid": "2a37", "properties": ["notify"], "value": {"stdin": true}}]}]}
END
values() { seq 200 | awk '{ printf "{\"uuid\":\"2a37\",\"value\":\"hex:00%08x\"}\n", $1 }'; }

feed() # FILE: most of it when somebody is asleep, however fast it goes
{
	head -c 100000 "$1"
	until [ -e asleep ]; do sleep 0.05; done
	tail -c +100001 "$1"
}
export -f feed
serving() # [OPTION...] [-- COMMAND...]
{
	serve --bearer auto "$@"
}
connecting() # OPTION...: in the background, till something has come
{
	local wanted=$1
	shift
	rm -f out
	blesec-connect --dir phone --adapter hci0 --bearer $bearer "$@" \
		"$HCI1" <never >out 2>connect.err 8>&- &
	client=$!
	wait_for 20 sh -c "$wanted" || fail "$bearer $*: $(cat connect.err)"
}
asleep() # with its children
{
	mapfile -t pids < <(echo "$client"; pgrep -P "$client")
	[ ${#pids[@]} -ge 2 ] || fail "$bearer: processes ${pids[*]}"
	kill -STOP "${pids[@]}"
	touch asleep
	sleep "${1:-5}"
}
notified() { [ "$(grep -c '"notification"' out)" = "$1" ]; }
awake() { kill -CONT "${pids[@]}"; }
over() # the central is done, or stopped; and the peripheral
{
	expect 0 wait "$client"
	wait_for 10 no_links
}
mkfifo never values
exec 8<>never

for bearer in att coc; do
	rm -f out asleep
	# A stream.
	if [ $bearer = att ]; then
		blesec-serve --dir sensor --raw --bearer att hci1 \
			< <(feed file) >nothing 2>serve.err &
		server=$!
		sleep 2
		blesec-connect --dir phone --adapter hci0 --raw "$HCI1" \
			</dev/null >out &
		client=$!
		wait_for 20 test -s out
		asleep
		awake
		over
		expect 0 wait "$server"
		cmp out file
	fi

	# What a command writes.
	rm -f out asleep
	serving -- bash -c 'feed file' </dev/null
	blesec-connect --dir phone --adapter hci0 --raw --bearer $bearer \
		"$HCI1" </dev/null >out &
	client=$!
	wait_for 20 test -s out
	asleep
	awake
	over
	stop_serve
	cmp out file

	# Lines.
	if [ $bearer = coc ]; then
		rm -f asleep
		serving < <(feed lines)
		connecting 'grep -q message out'
		asleep
		awake
		wait_for 30 holds out '"n":3000,'
		kill "$client"
		over
		stop_serve
		jq -r 'select(.event == "message").json.n' out | cmp - <(seq 3000)
	fi

	# Notifications.
	exec 7<>values
	serving --profile profile.json <&7
	connecting 'grep -q subscribed out' --notify 2a37
	asleep 0
	values >&7
	sleep 5
	! grep -q '"notification"' out || fail "$bearer: it does not sleep"
	awake
	wait_for 20 notified 200 ||
		fail "$bearer: $(grep -c '"notification"' out) of 200"
	jq -r 'select(.event == "notification").value[2:]' out |
		cmp - <(seq 200 | xargs printf '%08x\n')
	kill "$client"
	over
	stop_serve
	exec 7>&-
done
