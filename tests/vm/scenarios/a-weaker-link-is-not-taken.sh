#!/bin/bash
# A peer that supports only keys of 7 octets, that uses the well-known debug
# key, or that comes back without its bond is refused, by hand and over the
# channel; with options that permit it, each is accepted.
# (pairing-that-is-not-good-enough-is-refused shows the refusal of Just Works,
# legacy pairing, and data from only one side.)
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"
script=$S/tests/vm/scenarios/a-weaker-link-is-not-taken

identities
rm -rf /var/lib/blesec
refused() # TEXT
{
	! grep -q '"paired"' "$T/i.json" || fail "$1: paired"
	[ "$is" = 8 ] || fail "$1: $is: $(cat "$T/i.json" "$T/i.err")"
	grep -q "$1" "$T/i.err" "$T/i.json" || fail "not $1: $(cat "$T/i.err")"
}
key_size()
{
	echo "$1" >/sys/kernel/debug/bluetooth/hci1/max_key_size
}

# KNOB: the other side says that it has 7 octets.
key_size 7
swap_oob
pair_respond --min-key-size 7
pair_initiate
pair_wait
refused 'shorter\|key size\|Authentication\|Not Paired'
echo "refused with: $(tail -n 1 "$T/i.err")"
forget
swap_oob
pair_respond --min-key-size 7
pair_initiate --min-key-size 7
pair_wait
[ "$is" = 0 ] || fail "what is allowed: $(cat "$T/i.err" "$T/r.err")"
[ "$(said i paired .key_size)" = 7 ] || fail "$(cat "$T/i.json")"
forget

connect() # STATUS [OPTION...]
{
	expect "$1" blesec-connect --dir phone --adapter hci0 --pair "${@:2}" \
		"$HCI1" </dev/null >connect.json 2>connect.err
	! grep -q '"paired"' connect.json || fail "paired: $(cat connect.json)"
}
serve --pair </dev/null
connect 8 --require-pairing
connect 0
grep -q '"fallback"' connect.json || fail "$(cat connect.json)"
expect 0 stop_serve
key_size 16
forget

# The debug key: the numbers compared are equal, yet anyone can read the link.
for debug in 2 0; do
	rm -f ready
	python3 "$script-debug-key.py" $debug >ready &
	peer=$!
	wait_for 30 holds ready ready || fail "no peer"
	pair_initiate --io-capability DisplayYesNo --confirm yes
	is=0
	wait "$initiator" || is=$?
	if [ $debug = 2 ]; then
		refused 'debug key'
	else
		[ "$is" = 0 ] || fail "without: $(cat "$T/i.err")"
	fi
	kill $peer
	wait $peer || :
	forget
done
mgmt --index 1 debug-keys on >/dev/null
expect 8 blesec-oob read hci1 2>err >/dev/null
grep -q 'debug keys' err
mgmt --index 1 debug-keys off >/dev/null
mgmt --index 1 advertising off >/dev/null

# BLESA: two bonded devices meet again, and one has no key, like an attacker
# that only has its address. Without the key, nothing that requires it can be
# read, and no session begins.
swap_oob
pair_respond --bond
pair_initiate --bond
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
cat >profile.json <<'END'
{"expose": "link", "services": [{"uuid": "180f", "characteristics": [
 {"uuid": "2a19", "properties": ["read"], "value": 42, "read": "encrypted"},
 {"uuid": "2a1b", "properties": ["read"], "value": {"text": "free"}}]}]}
END
serve --profile profile.json </dev/null
wait_for 10 no_links
timeout 120 python3 "$script-impostor.py" key ||
	fail "with its key: $(tail -n 3 serve.json serve.err)"
cut_links
blesec-oob unpair hci0 "$HCI1" || :
timeout 120 python3 "$script-impostor.py" none ||
	fail "without: $(tail -n 3 serve.json serve.err)"
expect 0 stop_serve
cut_links
