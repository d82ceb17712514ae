#!/bin/bash
# Paired over the channel, ten lines a second for 60 s: none is lost. On the air
# both have set the OOB flag and the Secure Connections bit, with keys of 16
# octets, by SMP Pairing with public keys, DHKey checks, and no legacy step.
# time limit: 150
set -eu
. "$S/tests/vm/lib.sh"

identities
btmon -w "$T/capture" >/dev/null &
capture=$!
sleep 0.5
serve --pair --require-pairing </dev/null
{ seq 600 | while read -r n; do echo "$n"; sleep 0.1; done; } |
	expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
		--require-pairing "$HCI1" >"$T/connect.json"
stop_serve
grep -q '"paired"' "$T/connect.json" || fail "$(cat "$T/connect.json")"
grep -q '"paired"' "$T/serve.json"
jq -r 'select(.event == "message").json' "$T/serve.json" | cmp - <(seq 600)
kill "$capture"
wait "$capture" || :

fields() # FILTER -e FIELD...
{
	tshark -r "$T/capture" -T fields -Y "$@" 2>/dev/null | sort -u
}
for opcode in 0x01 0x02; do
	[ "$(fields "btsmp.opcode == $opcode" -e btsmp.oob_data_flags \
		-e btsmp.max_enc_key_size | tr '\t' ' ' | tr -d '\n')" = "0x01 16" ] ||
		fail "$opcode: $(fields "btsmp.opcode == $opcode" \
			-e btsmp.oob_data_flags -e btsmp.max_enc_key_size)"
	tshark -r "$T/capture" -Y "btsmp.opcode == $opcode" -V 2>/dev/null |
		grep -q 'Secure Connection.*: True' || fail "$opcode: no SC"
done
[ -n "$(fields 'btsmp.opcode == 0x0c' -e frame.number)" ] || fail "no public key"
[ -n "$(fields 'btsmp.opcode == 0x0d' -e frame.number)" ] || fail "no DHKey check"
[ -z "$(fields 'btsmp.opcode == 0x06 || btsmp.opcode == 0x05' -e frame.number)" ]
