#!/bin/bash
# With --request-security, a central that accesses what the link is not secure
# enough for is asked to encrypt it. A central with a key does so. One without a
# key pairs; if it refuses, pairs too weakly or does not answer, it loses the
# link. Each time the next central is served. Without the option, no central is
# asked.
# takes: 30 s
# time limit: 600
set -eu
. "$S/tests/vm/lib.sh"
script=$S/tests/vm/scenarios/a-security-request-is-sent.py

identities
rm -rf /var/lib/blesec
cat >profile.json <<'END'
{"expose": "both", "services": [{"uuid": "180f", "characteristics": [
 {"uuid": "2a19", "properties": ["read"], "value": 42, "read": "encrypted"},
 {"uuid": "2a1a", "properties": ["read"], "value": {"hex": "07"},
  "read": "authenticated"},
 {"uuid": "2a1b", "properties": ["read", "write"], "value": {"text": "free"},
  "write": {"peers": ["*"]}}]}]}
END
# requests: how many Security Requests have been on the air: L2CAP of 2 octets
# on CID 6, opcode 0x0b; sender and receiver both record each.
requests()
{
	echo $(($(LC_ALL=C grep -aoP '\x02\x00\x06\x00\x0b' /run/btsnoop |
		wc -l) / 2))
}
asked() # N: so many since before, at least
{
	[ $(($(requests) - before)) -ge "$1" ]
}
one() # REQUESTS WAY UUID ERROR
{
	local before
	wait_for 40 no_links || fail "$2: a link stays"
	before=$(requests)
	python3 "$script" "$2" "$3" "$4" ||
		fail "$2: $(tail -n 5 serve.json serve.err)"
	wait_for 5 asked "$1" || :
	sleep 1
	[ $(($(requests) - before)) = "$1" ] ||
		fail "$2: $(requests) - $before requests"
}
blesec-oob read hci0 >/dev/null		# switches it on

serve --profile profile.json </dev/null
one 0 none 2a19 05
expect 0 stop_serve

serve -vv --request-security --profile profile.json </dev/null
one 1 works 2a19 05
one 1 compare 2a1a 05
one 1 refuse 2a19 05
one 1 weak 2a1a 05
# The kernel waits 30 s for a silent central.
[ -z "${BLESEC_LONG:-}" ] || one 1 silent 2a1a 05
one 1 works 2a19 05
expect 0 stop_serve

swap_oob
pair_respond --bond
pair_initiate --bond
pair_wait
[ "$is$rs" = 00 ] || fail "$(cat "$T"/[ir].err)"
serve --request-security --profile profile.json </dev/null
one 1 key 2a19 0f
one 1 key 2a1a 0f
# The same with gatttool, unless it is faster: after the error it encrypts the
# link without being asked, and reads again.
before=$(requests)
for _ in {1..5}; do
	wait_for 20 no_links
	timeout 60 gatttool -i hci0 -b "$HCI1" --char-read --uuid 2a19 >tool 2>&1 || :
	grep -qE 'Read characteristics by UUID failed|value: 2a' tool ||
		fail "$(cat tool)"
	! wait_for 1 asked 1 || break
done
asked 1 || fail "gatttool is not asked"
# The channel is open to any central with a certificate.
wait_for 20 no_links
expect 0 blesec-connect --dir phone --read 2a19 "$HCI1" </dev/null >connect.json
grep -q '"value":"2a"' connect.json
expect 0 stop_serve
# An analyser understands it in the same way.
if [ -n "${BLESEC_LONG:-}" ] && command -v tshark >/dev/null; then
	[ "$(tshark -r /run/btsnoop -Y 'btsmp.opcode == 0x0b' 2>/dev/null |
		grep -c 'Sent Security Request')" = "$(requests)" ]
fi
