#!/bin/bash
# Pairing is refused without Secure Connections, without authentication, without
# a user to answer, or without OOB data where it is required, unless an option
# permits it.
# takes: 30 s
# time limit: 500
set -eu
. "$S/tests/vm/lib.sh"

refused() # TEXT
{
	if grep -q '"paired"' "$T/i.json"; then fail "$1: paired"; fi
	[ "$is" = 8 ] || fail "$1: $is"
	grep -q "$1" "$T/i.err" || fail "not $1: $(cat "$T/i.err")"
}

# The kernel acts as a peripheral without Secure Connections.
legacy()
{
	mgmt --index 1 power off >/dev/null
	mgmt --index 1 le on >/dev/null
	mgmt --index 1 sc off >/dev/null
	mgmt --index 1 bredr off >/dev/null
	mgmt --index 1 io-cap 3 >/dev/null
	mgmt --index 1 bondable off >/dev/null
	mgmt --index 1 connectable on >/dev/null
	mgmt --index 1 power on >/dev/null
	mgmt --index 1 advertising on >/dev/null
}
legacy
mkfifo "$T/btmgmt"
script -qfec "btmgmt --index 1" /dev/null <>"$T/btmgmt" >"$T/btmgmt.out" &
while sleep 0.2; do
	[ "$(grep -c 'yes/no' "$T/btmgmt.out")" -le "${answers:-0}" ] || {
		answers=$((${answers:-0} + 1))
		echo yes >"$T/btmgmt"
	}
done &
agent=$!
wait_for 10 holds "$T/btmgmt.out" hci1 || fail "no agent"
for options in '' --allow-just-works; do
	pair_initiate $options
	is=0
	wait "$initiator" || is=$?
	refused 'legacy\|Just Works'
	blesec-oob unpair hci0 "$HCI1" 2>/dev/null || :
done
pair_initiate --allow-just-works --allow-legacy
expect 0 wait "$initiator"
[ "$(said i paired .level)" = 2 ] || fail "$(cat "$T/i.json")"
kill "$agent"
echo quit >"$T/btmgmt"
forget
mgmt --index 1 advertising off >/dev/null

# A number that no user compares on either side; one that a user denies.
for answer in no ask; do
	rm -f "$T/r.json"
	blesec-oob pair hci1 --io-capability DisplayYesNo --confirm yes \
		>"$T/r.json" 2>"$T/r.err" </dev/null &
	responder=$!
	wait_for 10 holds "$T/r.json" listening
	setsid blesec-oob pair hci0 "$HCI1" --io-capability DisplayYesNo \
		--confirm $answer >"$T/i.json" 2>"$T/i.err" </dev/null &
	initiator=$!
	pair_wait
	refused 'refused here'
	[ "$rs" = 8 ] || fail "the responder: $rs"
	[[ $(said i confirm .number) =~ ^[0-9]{6}$ ]]
	[ "$(said i confirm .number)" = "$(said r confirm .number)" ]
	forget
done
grep -q 'no terminal' "$T/i.err"

# OOB is required, or data is there, and the other side uses another method.
pair_respond --io-capability DisplayYesNo --confirm yes
pair_initiate --io-capability DisplayYesNo --confirm yes --require-oob
pair_wait
refused 'not OOB'
forget

# A wrong passkey.
pair_respond --io-capability DisplayOnly
pair_initiate --io-capability KeyboardOnly --passkey 1
pair_wait
refused 'Authentication Failed'

# No peer is there; only one pairing at a time.
forget
blesec-oob read hci1 | blesec-oob add hci0
ls /run/blesec/hci0.oob >/dev/null
expect 7 blesec-oob pair hci0 "$HCI1" --timeout 5 2>"$T/err" >"$T/out"
grep -q 'nobody answered within 5 s.*must advertise' "$T/err"
! ls /run/blesec/*.oob 2>/dev/null || fail "data is left"
expect 2 blesec-oob pair hci0 "$HCI0" 2>"$T/err"
grep -q 'hci0 itself' "$T/err"
pair_respond --timeout 15
expect 8 blesec-oob pair hci1 2>"$T/err"
grep -q 'process [0-9]* is already pairing on hci1' "$T/err"
expect 7 wait "$responder"
grep -q 'nobody answered within 15 s' "$T/r.err"
pair_respond
kill "$(pgrep -x blesec-oob)"
expect 1 wait "$responder"

# While data for one device is stored, other devices are refused.
echo '{"address":"00:AA:01:0F:00:0F","type":"public","confirm":"'"$(
	printf '0%.0s' {1..32})"'","rand":"'"$(printf '1%.0s' {1..32})"'"}' |
	blesec-oob add hci1
pair_respond --timeout 300 --io-capability DisplayYesNo
pair_initiate --io-capability DisplayYesNo --confirm yes
is=0
wait "$initiator" || is=$?
refused 'Authentication Failed'
wait_for 5 holds "$T/r.err" "refused to pair with $HCI0: no data of it was added"
kill "$(pgrep -x blesec-oob)"
wait "$responder" || :
forget
