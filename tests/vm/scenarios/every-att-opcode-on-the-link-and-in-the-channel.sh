#!/bin/bash
# Each request and command of ATT (Core 5.4 Vol 3 Part F 3.4), with small and
# large PDUs (with check --long also medium ones), on the link and in the
# channel: responses, notifications and indications are the same.
# time limit: 1200
set -eu
. "$S/tests/vm/lib.sh"
script=$S/tests/vm/scenarios/every-att-opcode-on-the-link-and-in-the-channel.py

identities
cat >profile.json <<'END'
{"expose": "both", "appearance": 833, "services": [
 {"uuid": "180f", "characteristics": [
  {"uuid": "2a19", "properties": ["read", "notify", "indicate"], "max": 512,
   "value": {"stdin": true}}]},
 {"uuid": "7d0e0001-1f3c-4d5a-9a60-6f2b1c7e8d90", "includes": ["180f"],
  "characteristics": [
  {"uuid": "7d0e0002-1f3c-4d5a-9a60-6f2b1c7e8d90", "value": {"text": "short"},
   "properties": ["read", "write", "write-without-response", "signed-write",
    "reliable-write"]},
  {"uuid": "7d0e0003-1f3c-4d5a-9a60-6f2b1c7e8d90", "value": {"file": "long"},
   "properties": ["read", "write", "write-without-response"]},
  {"uuid": "7d0e0004-1f3c-4d5a-9a60-6f2b1c7e8d90", "properties": ["write"]},
  {"uuid": "2a38", "properties": ["read"], "value": 1,
   "description": "constant",
   "descriptors": [{"uuid": "2904", "value": {"hex": "04000027010000"}}]}]}]}
END
mkfifo lines
exec 7<>lines
blesec-oob read hci0 >/dev/null		# switches it on
for mtu in 23 517 ${BLESEC_LONG:+100}; do
	for where in link channel; do
		printf 'of a file' >long
		serve --profile profile.json <&7
		python3 "$script" $where "$mtu" >"$where.$mtu" ||
			fail "$where, $mtu: $(tail -n 3 "$where.$mtu" serve.json serve.err)"
		# No central was accused of breaking the protocol.
		! grep '"reason":"protocol' serve.json || fail "$where, $mtu"
		expect 0 stop_serve
		wait_for 20 no_links
	done
	[ "$(wc -l <"link.$mtu")" -gt 150 ]
	diff "link.$mtu" "channel.$mtu" || fail "with an MTU of $mtu they differ"
	[ "$(grep -c '^told' "link.$mtu")" = 6 ] || fail "$(grep ^told "link.$mtu")"
	[ "$(grep '^indicated' "link.$mtu")" = "indicated 1d$(sed -n \
		's/^indicated 1d\(....\).*/\1/p;T;q' "link.$mtu")$(printf first | xxd -p)
indicated nothing
indicated 1d$(sed -n 's/^indicated 1d\(....\).*/\1/p;T;q' "link.$mtu")$(
		printf third | xxd -p)" ] || fail "$(grep ^indicated "link.$mtu")"
done
# With enough room, everything came at once.
! cmp -s link.23 link.517
