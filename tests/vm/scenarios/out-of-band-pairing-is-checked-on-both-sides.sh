#!/bin/bash
# Good data gives level 4, a key of 16 octets, and no bond or a bond on both
# sides. If the data is wrong, stale, of another device or on one side only, or
# the sides differ in bonding, neither side says that it has paired.
# takes: 35 s
# time limit: 800
set -eu
. "$S/tests/vm/lib.sh"

# Give the other side time to see the level, if it is slow.
hold=(--hold 5)
both() # [OPTION...]: both sides, with the same options
{
	pair_respond --timeout 30 "$@"
	pair_initiate --timeout 30 "$@"
	pair_wait
}
paired()
{
	local side
	[ "$is$rs" = 00 ] || fail "$1: $is $rs: $(cat "$T"/[ir].err)"
	for side in i r; do
		[ "$(said $side paired '[.method, .level, .key_size,
			.authenticated, .bonded] | join(" ")')" = \
			"oob 4 16 true $2" ] || fail "$1: $(cat "$T/$side.json")"
		[ "$(said $side key '[.key, .kind, .size] | join(" ")')" = \
			"LTK P-256 16" ] || fail "$1: $(cat "$T/$side.json")"
		! grep -q value "$T/$side.json" || fail "a key is printed"
	done
}
refused()
{
	if grep -q '"paired"' "$T/i.json" "$T/r.json"; then
		fail "$1: paired: $(cat "$T"/[ir].json)"
	fi
	if [ "$is" = 0 ] || [ "$rs" = 0 ]; then fail "$1: $is $rs"; fi
	[ "$(said i failed .reason)" ] || fail "$1: no reason"
}
spoil() # MEMBER FILE
{
	jq -c ".$1 |= (.[0:31] + (if .[31:] == \"0\" then \"1\" else \"0\" end))" "$2"
}

swap_oob
both "${hold[@]}"
paired "no bond" false
expect 8 blesec-oob pair hci0 "$HCI1" >"$T/again" 2>&1
grep -q 'unpair' "$T/again" || fail "paired already: $(cat "$T/again")"

forget
swap_oob
both "${hold[@]}" --bond --show-keys
[ "$is$rs" = 00 ] || fail "bond"
[ "$(said i paired .bonded)$(said r paired .bonded)" = truetrue ]
[ "$(jq -r 'select(.key == "LTK").value' "$T/i.json")" = \
	"$(jq -r 'select(.key == "LTK").value' "$T/r.json")" ] || fail "keys"

forget
swap_oob
pair_respond --timeout 30
pair_initiate --timeout 30 --bond
pair_wait
refused "bond on one side"
grep -q 'bond' "$T/i.err" || fail "bonding is not named: $(cat "$T/i.err")"

for member in confirm rand; do
	forget
	blesec-oob read hci0 >"$T/a"
	blesec-oob read hci1 >"$T/b"
	blesec-oob add hci1 "$T/a"
	spoil $member "$T/b" | blesec-oob add hci0
	both
	refused "wrong $member at the initiator"
	forget
	blesec-oob read hci0 >"$T/a"
	blesec-oob read hci1 >"$T/b"
	spoil $member "$T/a" | blesec-oob add hci1
	blesec-oob add hci0 "$T/b"
	both
	refused "wrong $member at the responder"
done

forget
blesec-oob read hci1 | blesec-oob add hci0
both
refused "data at the initiator only"
forget
blesec-oob read hci0 | blesec-oob add hci1
both
refused "data at the responder only"

forget
swap_oob
blesec-oob read hci1 >/dev/null
both
refused "data that was read again"

forget
swap_oob
both "${hold[@]}"
paired "before the replay" false
blesec-oob unpair hci0 "$HCI1"
blesec-oob unpair hci1 "$HCI0" || :
both
refused "data used twice"

# Another device's data, under this address.
forget
blesec-oob read hci0 >"$T/a"
blesec-oob read hci1 >"$T/b"
jq -c ".address = \"$HCI1\"" "$T/a" | blesec-oob add hci0
jq -c ".address = \"$HCI0\"" "$T/b" | blesec-oob add hci1
both
refused "data of the wrong device"
expect 3 blesec-oob add hci0 "$T/a" 2>"$T/err"
grep -q 'own data' "$T/err"

# An adapter left in Secure Connections Only mode, where nothing would work.
forget
mgmt --index 0 power off >/dev/null
mgmt --index 0 sc only >/dev/null
swap_oob
both "${hold[@]}"
paired "Secure Connections only before" false
