#!/bin/bash
# A bonded central writes without encryption; openssl makes the signature
# instead of a kernel. The server accepts a write once and never again, even
# after it was killed, and ignores writes with another key, value, counter or
# address.
# takes: 50 s
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"
script=$S/tests/vm/scenarios/signed-writes-are-verified-and-not-replayed.py

identities
rm -rf /var/lib/blesec
cat >profile.json <<'END'
{"expose": "both", "services": [{"uuid": "180f", "characteristics": [
 {"uuid": "2a19", "properties": ["read", "signed-write"],
  "value": {"file": "value"}, "write": {"signed": true}},
 {"uuid": "2a1a", "properties": ["read", "signed-write"],
  "value": {"file": "encrypted"}, "write": "encrypted"},
 {"uuid": "2a1b", "properties": ["read", "signed-write"],
  "value": {"file": "authenticated"}, "write": "authenticated"},
 {"uuid": "2a1c", "properties": ["read", "write"],
  "value": {"file": "unsigned"}}]}]}
END
written()
{
	jq -r 'select(.event == "write" and .uuid != "2a1c") | .value' \
		"$T/serve.json" | tail -n 1
}
counter()
{
	jq .sign_counter "/var/lib/blesec/$HCI1.bonds"
}
# True once the server has noticed that all have left.
all_closed()
{
	[ "$(grep -c '"connected"' serve.json)" = \
		"$(grep -c '"closed"' serve.json)" ]
}
# try taken|ignored NEXT FILE ARGUMENT...: signed.py, what came of it, and the
# least counter that is accepted after it.
try()
{
	local wanted=$1 next=$2 file=$3 before value
	shift 3
	before=$(cat "$file")
	wait_for 20 no_links
	wait_for 10 all_closed || fail "$(tail -n 3 serve.json)"
	python3 "$script" "$@" ||
		fail "$*: $(cat serve.json serve.err)"
	value=$(cat "$file")
	case $wanted in
	taken) [ "$value" = "$3" ] || fail "ignored: $*: $(cat serve.err)" ;;
	ignored) [ "$value" = "$before" ] || fail "taken: $*" ;;
	esac
	[ "$(counter)" = "$next" ] || fail "$*: $(counter), not $next"
}
for file in value encrypted authenticated unsigned; do
	printf old >$file
done
swap_oob
pair_respond --bond
pair_initiate --bond
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
CSRK=$(jq -r .csrk "/var/lib/blesec/$HCI1.bonds")
OTHER=$(jq -r .csrk "/var/lib/blesec/$HCI0.bonds")
export CSRK
[ "$(counter)" = 0 ]
serve --profile profile.json </dev/null

try taken 1 value 2a19 0 first
[ "$(written)" = "$(printf first | xxd -p)" ]
printf second >value
try ignored 1 value 2a19 0 first		# again
try taken 8 value 2a19 7 third			# some may be lost
try ignored 8 value 2a19 6 fourth		# a lower one
try ignored 8 value 2a19 7 fourth		# the same one, of something else
try ignored 8 value 2a19 8 fourth key="$OTHER"
try ignored 8 value 2a19 8 fourth key=00000000000000000000000000000000
try ignored 8 value 2a19 8 fourth changed
try ignored 8 value 2a19 8 fourth last
try ignored 8 value 2a19 4294967295 fourth	# there is none after it
try taken 9 value 2a19 8 fourth
# Also only once on the same link: one event.
try taken 10 value 2a19 9 once twice
[ "$(jq -r 'select(.event == "write" and .uuid == "2a19") | .value' \
	serve.json | grep -c "$(printf once | xxd -p)")" = 1 ]
# A signature counts as encryption, but not as authentication; its counter is
# used up either way. Without the property, the signature is not verified.
try taken 11 encrypted 2a1a 10 encrypted
try ignored 12 authenticated 2a1b 11 authenticated
try ignored 12 unsigned 2a1c 12 unsigned

# From another address, with the right key.
mgmt --index 0 power off >/dev/null
mgmt --index 0 bredr off >/dev/null
mgmt --index 0 static-addr C0:00:00:00:00:05 >/dev/null
mgmt --index 0 power on >/dev/null
try ignored 12 value 2a19 13 stranger from=static
[ "$(jq -r 'select(.event == "connected").address' serve.json | tail -n 1)" = \
	C0:00:00:00:00:05 ] || fail "$(tail -n 2 serve.json)"
mgmt --index 0 power off >/dev/null
mgmt --index 0 static-addr 00:00:00:00:00:00 >/dev/null
mgmt --index 0 power on >/dev/null

# The next server knows which counters were used.
expect 0 stop_serve
serve --profile profile.json </dev/null
try ignored 12 value 2a19 9 once
try taken 14 value 2a19 13 fifth
kill -9 "$server"
wait "$server" || :
[ "$(cat value)" = fifth ] && printf old >value
wait_for 20 sh -c '! pgrep -x blesec-serve'
mgmt --index 1 clr-adv >/dev/null
serve --profile profile.json </dev/null
try ignored 14 value 2a19 13 fifth
try taken 101 value 2a19 100 sixth
expect 0 stop_serve

# If the counter cannot be stored, the write is ignored.
mount --bind -o ro /var/lib/blesec /var/lib/blesec
mount -o remount,bind,ro /var/lib/blesec
serve --profile profile.json </dev/null
wait_for 20 no_links
! python3 "$script" 2a19 101 seventh 2>"$T/err" ||
	fail "it goes on"
[ "$(cat value)" = sixth ]
[ "$(counter)" = 101 ]
expect 0 stop_serve
umount /var/lib/blesec

# After unpairing there is no key, so no signature is valid.
blesec-oob unpair hci1 "$HCI0"
[ ! -s "/var/lib/blesec/$HCI1.bonds" ]
serve --profile profile.json </dev/null
wait_for 20 no_links
python3 "$script" 2a19 200 eighth
[ "$(cat value)" = sixth ]
expect 0 stop_serve
