#!/usr/bin/env bash
# A message of 20 octets costs 50 octets of ATT PDUs, either way: 3 of ATT, 2
# of the tunnel, 22 of TLS, 3 of the message's header, and nothing comes back.
set -euo pipefail
. "$S/tests/lib/session.sh"

message='{"a":"twenty octet"}'
[ ${#message} = 20 ]
log() { # octets of the PDUs since the first $1 lines, by direction
	tail -n "+$(($1 + 1))" log |
		awk '{ n[$3] += length($5) / 2 } END { print n["c2p"] + 0, n["p2c"] + 0 }'
}
told() { # told FILE: each of its messages has come
	[ "$(grep -c '"message"' "$1")" = "$2" ]
}

identities
mkfifo down up
exec 3<>down 4<>up
serve <&3
"$S/tests/lib/relay" --log log "unix:$T/peer" "unix:$T/link" 3>&- 4>&- &
await 10 listens "$T/peer"
"$B/tools/blesec-connect" --dir phone "unix:$T/peer" <&4 >connect.json &
await 10 grep -q '"secured"' connect.json
await 10 grep -q '"secured"' serve.json
for n in 1 2 3; do
	sleep 0.3
	before=$(wc -l <log)
	echo "$message" >&4
	await 20 told serve.json $n
	sleep 0.2
	[ "$(log "$before")" = "50 0" ] || fail "up: $(log "$before")"
	before=$(wc -l <log)
	echo "$message" >&3
	await 20 told connect.json $n
	sleep 0.2
	[ "$(log "$before")" = "0 50" ] || fail "down: $(log "$before")"
done
