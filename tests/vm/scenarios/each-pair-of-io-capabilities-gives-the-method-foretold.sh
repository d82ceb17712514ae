#!/bin/bash
# Without out-of-band data, against the kernel: one pair for each method and
# each side that types, and one of the three that are refused; with check
# --long, all 25 pairs.
# takes: 30 s
# time limit: 1000
set -eu
. "$S/tests/vm/lib.sh"

one() # INITIATOR RESPONDER METHOD REFUSED
{
	local key level
	forget
	pair_respond --io-capability "$2" --confirm yes --allow-just-works
	pair_initiate --io-capability "$1" --confirm yes --allow-just-works
	case $3 in
	passkey*)
		wait_for 10 holds "$T/i.json" passkey
		wait_for 10 holds "$T/r.json" passkey
		if [ "$1$2" = KeyboardOnlyKeyboardOnly ]; then
			wait_for 5 holds "$T/r.json" passkey-request
			echo 123456 >"$T/r.tty"
			wait_for 5 holds "$T/i.json" passkey-request
			echo 123456 >"$T/i.tty"
		else
			pass_key_over
		fi
		;;
	esac
	pair_wait
	if [ "$4" = true ]; then
		[ "$is$rs" = 88 ] || fail "$1, $2: $is, $rs: it is not refused"
		return
	fi
	if [ "$is$rs" != 00 ]; then
		cat "$T"/[ir].json "$T"/[ir].err >&2
		fail "$1, $2: initiator $is, responder $rs"
	fi
	level=4
	[ "$3" != "just works" ] || level=2
	for side in i r; do
		[ "$(said $side paired .method)" = "$3" ] ||
			fail "$1, $2: $(said $side paired .method), not $3"
		[ "$(said $side paired .level)" = "$level" ]
		[ "$(said $side paired .key_size)" = 16 ]
	done
}

blesec-oob methods >"$T/methods"
[ "$(wc -l <"$T/methods")" = 25 ]
# Take the first of the pairs with the same prediction.
[ -n "${BLESEC_LONG:-}" ] || {
	jq -sc 'unique_by(.method, .initiator_types, .responder_types,
		.linux_refuses)[]' "$T/methods" >"$T/some"
	mv "$T/some" "$T/methods"
	[ "$(wc -l <"$T/methods")" -ge 5 ]
}
while read -r line; do
	mapfile -t cell < <(jq -r '.initiator, .responder, .method, .linux_refuses' <<<"$line")
	one "${cell[@]}" </dev/null
	# The prediction also says who types.
	for side in initiator responder; do
		types=false
		if grep -q passkey-request "$T/${side:0:1}.json"; then types=true; fi
		[ "$(jq ".${side}_types" <<<"$line")" = "$types" ] ||
			fail "${cell[*]}: $side types: $types"
	done
done <"$T/methods"
