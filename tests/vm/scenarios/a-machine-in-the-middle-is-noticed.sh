#!/bin/bash
# An attacker with a link to each side can relay what they send and slow it down
# (blesec-security(7)); anything else ends with the right exit status and
# delivers nothing. Each attack is also shown to work against a peer that does
# not ask for the check that stops it. One change of each kind; with check
# --long, more of them.
# takes: 60 s
# time limit: 1200
set -eu
. "$S/tests/vm/lib.sh"

controllers_four
identities
attacker
for name in sensor-7 phone-1; do
	# These two accept any peer.
	cat ca/cacert.pem >>"evil-$name/ca.pem"
done
# An identity that would trust that CA too.
cp -r phone gullible
cat evil/cacert.pem >>gullible/ca.pem
cp -r sensor credulous
cat evil/cacert.pem >>credulous/ca.pem
cat >profile.json <<'END'
{"expose": "link", "services": [{"uuid": "180f", "characteristics": [
 {"uuid": "2a19", "properties": ["read"], "value": 42}]}]}
END

# The attacker is a peripheral on hci2 and a central on hci3.
for i in 0 2 3; do
	mgmt --index $i le on >/dev/null
	mgmt --index $i bredr off >/dev/null
	[ $i != 2 ] || mgmt --index 2 connectable on >/dev/null
	mgmt --index $i power on >/dev/null
done
mgmt --index 2 advertising on >/dev/null

relay() # [OPTION...]
{
	rm -f relay.out
	"$S/tests/lib/relay" --log log "$@" "le:$HCI2${psm:-}" \
		"le:$HCI3,$HCI1${psm:-}" >relay.out 2>relay.err &
	attacker=$!
	wait_for 40 holds relay.out listening || fail "$(cat relay.err)"
}
away()
{
	kill "$attacker" 2>/dev/null || :
	wait "$attacker" 2>/dev/null || :
	cut_links || fail "a link stays"
}
# victim STATUS DIRECTORY [OPTION...]: a central that wants the real peripheral.
victim()
{
	local status=0
	echo '"secret"' | timeout 120 blesec-connect --dir "$2" --adapter hci0 \
		--timeout 30 "${@:3}" "$HCI2" >connect.json 2>connect.err ||
		status=$?
	[ "$status" = "$1" ] || fail "status $status, not $1: ${*:2}:" \
		"$(cat connect.json connect.err relay.err)"
	away
}
heard() { grep -c '"json":"secret"' serve.json || :; }
# noticed STATUS EDIT...: the attacker in the middle makes these changes.
noticed()
{
	local before
	before=$(heard)
	relay "${@:2}"
	victim "$1" phone --peer-name sensor-7
	! grep -q '"reason":"\(done\|peer closed\)"' connect.json ||
		fail "$*: $(cat connect.json)"
	[ "$(heard)" = "$before" ] || fail "$*: it is heard"
}
# The number of the first PDU in that direction with this beginning.
number()
{
	awk -v d="$1" '$3 == d { if (index($5, "'"$2"'") == 1) { print n; exit }
		n++ }' n=0 log
}

# The attacker can only relay ...
serve --bearer auto </dev/null
relay
victim 0 phone --peer-name sensor-7
[ "$(heard)" = 1 ]
# ... and not even that if the user typed an address: the certificate has it.
relay
victim 4 phone
grep -q "$HCI2" connect.err || fail "$(cat connect.err)"
relay
victim 0 phone --any-peer
[ "$(heard)" = 2 ]

# Change the capability as it is read: bearers, PSM, segments, window.
relay
victim 0 phone --peer-name sensor-7 --bearer att
number=$(number p2c 0b01)
noticed 5 --edit "p2c:pdu:$number:put=2=1"
if [ -n "${BLESEC_LONG:-}" ]; then
	noticed 5 --edit "p2c:pdu:$number:put=3=200"
	noticed 5 --edit "p2c:pdu:$number:put=5=100"
	noticed 5 --edit "p2c:pdu:$number:put=7=2"
fi
# A smaller MTU only makes it slower.
[ "$(number p2c 03)" = 0 ]
relay --edit p2c:pdu:0:put=2=1
victim 0 phone --peer-name sensor-7

# Change segments, records of the handshake, and records of data.
noticed 5 --edit c2p:segment:1:drop
noticed 5 --edit p2c:record:1:flip
noticed 5 --edit c2p:record:4:again=3
if [ -n "${BLESEC_LONG:-}" ]; then
	noticed 5 --edit p2c:segment:1:dup
	noticed 5 --edit c2p:record:3:flip
	noticed 5 --edit c2p:record:4:drop
	noticed 5 --edit p2c:record:2:reflect
fi
expect 0 stop_serve

# An attacker that ends the channel itself, with another CA and the right one.
peripheral() # DIRECTORY
{
	rm -f peer.out
	"$S/tests/lib/blesec_peer.py" peripheral "le:$HCI2" "$1" \
		--count 1 >peer.out 2>relay.err &
	attacker=$!
	wait_for 40 holds peer.out listening || fail "$(cat relay.err)"
}
stolen() { grep -c secret peer.out || :; }
for case in "4 0 phone evil-sensor-7 --peer-name=sensor-7" \
	"4 0 phone insider --peer-name=sensor-7" "4 0 phone insider" \
	"0 1 phone insider --any-peer" \
	"0 1 gullible evil-sensor-7 --peer-name=sensor-7" \
	"0 1 phone sensor --peer-name=sensor-7"; do
	read -r status heard who as options <<<"$case"
	peripheral "$as"
	victim "$status" "$who" ${options:+"$options"}
	[ "$(stolen)" = "$heard" ] || fail "$case: $(cat peer.out)"
done
central() # REASON SERVE-DIRECTORY DIRECTORY [OPTION...]
{
	rm -f serve.json
	blesec-serve --dir "$2" "${@:4}" hci1 >serve.json 2>serve.err \
		</dev/null &
	server=$!
	wait_for 40 holds serve.json listening || fail "$(cat serve.err)"
	"$S/tests/lib/blesec_peer.py" central "le:$HCI3,$HCI1" "$3" \
		--send secret --count 0 >peer.out 2>&1 || :
	wait_for 10 holds serve.json "\"reason\":\"$1\"" ||
		fail "$*: $(cat serve.json peer.out)"
	if [ "$1" = "peer refused" ]; then
		! grep -q '"secured"\|"message"' serve.json || fail "$*"
	else
		grep -q '"text":"secret"' serve.json || fail "$*"
	fi
	expect 0 stop_serve
	cut_links
}
central "peer refused" sensor evil-phone-1
central "peer closed" credulous evil-phone-1
central "peer refused" sensor insider --peer-name phone-1
central "peer closed" sensor insider

serve --profile profile.json </dev/null
# Changes outside the channel go unnoticed.
relay --edit p2c:pdu:0:flip
value=$(python3 -c '
import os
from blesec_test import le
from blesec_test.att import Att
att = Att(le.connect(os.environ["HCI0"], os.environ["HCI2"]))
print(att.request(bytes.fromhex("080100ffff192a"))[-1])')
[ "$value" = 43 ] || fail "the relay changes nothing: $value"
away

expect 0 stop_serve
