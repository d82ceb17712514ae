#!/bin/bash
# A malicious central, then a malicious peripheral, sends mutations of good
# sessions, over ATT and over a credit-based channel, for 15 s each; with check
# --long 100,000 PDUs each. The tools end as they should, the next good peer is
# served, no process or descriptor leaks, and the kernel does not complain.
# takes: 45 s
# time limit: 3000
set -eu
. "$S/tests/vm/lib.sh"

seconds=${NOISE_SECONDS:-15} pdus=0
[ -z "${BLESEC_LONG:-}" ] || pdus=100000
controllers_four
identities
for i in 0 2 3; do
	mgmt --index $i le on >/dev/null
	mgmt --index $i bredr off >/dev/null
	mgmt --index $i power on >/dev/null
done
mgmt --index 2 connectable on >/dev/null
mgmt --index 2 advertising on >/dev/null

processes() { pgrep -c -P "$server"; }
descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
settled()
{
	[ "$(processes)" = "$before" ] && [ "$(descriptors)" = "$files" ]
}

# The mutations start from two good sessions, recorded by a relay.
serve --bearer auto --timeout 5 </dev/null
before=$(processes) files=$(descriptors)
for bearer in att coc; do
	psm=
	rm -f relay.out
	[ $bearer = att ] || psm=,psm=210
	"$S/tests/lib/relay" --log $bearer "le:$HCI2$psm" \
		"le:$HCI3,$HCI1$psm" >relay.out 2>relay.err &
	relay=$!
	wait_for 40 holds relay.out listening || fail "$(cat relay.err)"
	seq 20 | expect 0 blesec-connect --dir phone --adapter hci0 \
		--peer-name sensor-7 --bearer $bearer ${psm:+--psm=210} \
		"$HCI2" >connect.json
	kill $relay
	wait $relay || :
	cut_links
done
wait_for 10 settled || fail "of good sessions: $(processes), $(descriptors)"

python3 "$S/tests/lib/noise.py" central "$seconds" $pdus att coc >figures ||
	fail "$(tail -n 3 serve.json serve.err)"
cat figures
cut_links
wait_for 20 settled || fail "left: $(processes) processes of $before," \
	"$(descriptors) descriptors of $files"
for bearer in att coc; do
	expect 0 blesec-connect --dir phone --adapter hci0 --bearer $bearer \
		"$HCI1" </dev/null >connect.json
done
expect 0 stop_serve
! grep -q 'anitizer' serve.err || fail "$(cat serve.err)"
cut_links

mgmt --index 1 le on >/dev/null
mgmt --index 1 bredr off >/dev/null
mgmt --index 1 connectable on >/dev/null
mgmt --index 1 power on >/dev/null
mgmt --index 1 advertising on >/dev/null
python3 "$S/tests/lib/noise.py" peripheral "$seconds" $pdus att coc >>figures ||
	fail "$(cat victim.err)"
tail -n 1 figures
wait_for 10 sh -c '! pgrep blesec' || fail "left: $(pgrep -a blesec)"
cut_links
mgmt --index 1 advertising off >/dev/null
serve </dev/null
expect 0 blesec-connect --dir phone --adapter hci0 "$HCI1" </dev/null \
	>connect.json
expect 0 stop_serve
jq -es 'all(.[]; .sessions > 5 and .pdus > 200)' figures >/dev/null ||
	fail "hardly any: $(cat figures)"
