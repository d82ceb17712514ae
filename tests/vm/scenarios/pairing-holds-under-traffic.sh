#!/bin/bash
# After pairing over the channel, ten lines a second for 15 s (with check --long
# 60 s): none is lost. On the air, both sides set the OOB flag and the Secure
# Connections bit and use keys of 16 octets; SMP has public keys and DHKey
# checks, and no legacy step.
# takes: 20 s
# time limit: 400
set -eu
. "$S/tests/vm/lib.sh"

lines=150
[ -z "${BLESEC_LONG:-}" ] || lines=600
identities
"$B/tests/helpers/snoop" "$T/capture" &
capture=$!
sleep 0.5
serve --pair --require-pairing </dev/null
mkfifo "$T/never"
{
	# Start no process for each line: that would take too long.
	exec 9<>"$T/never"
	for ((n = 1; n <= lines; n++)); do
		echo "$n"
		read -rt 0.1 -u 9 || :
	done
} |
	expect 0 blesec-connect --dir "$T/phone" --adapter hci0 --pair \
		--require-pairing "$HCI1" >"$T/connect.json"
stop_serve
grep -q '"paired"' "$T/connect.json" || fail "$(cat "$T/connect.json")"
grep -q '"paired"' "$T/serve.json"
jq -r 'select(.event == "message").json' "$T/serve.json" | cmp - <(seq $lines)
kill "$capture"
wait "$capture" || :

tshark -r "$T/capture" -Y btsmp -T fields -e btsmp.opcode \
	-e btsmp.oob_data_flags -e btsmp.sc_flag -e btsmp.max_enc_key_size \
	2>/dev/null | tr '\t' ' ' | sort -u >"$T/smp"
for line in "0x01 0x01 1 16" "0x02 0x01 1 16"; do
	grep -qx "$line" "$T/smp" || fail "no $line: $(cat "$T/smp")"
done
[ "$(grep -c '^0x0[12]' "$T/smp")" = 2 ] || fail "$(cat "$T/smp")"
grep -q '^0x0c' "$T/smp" || fail "no public key"
grep -q '^0x0d' "$T/smp" || fail "no DHKey check"
! grep -q '^0x0[56]' "$T/smp" || fail "failed, or a legacy key"
