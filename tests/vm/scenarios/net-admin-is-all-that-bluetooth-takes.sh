#!/bin/bash
# A user with only CAP_NET_ADMIN serves, connects and pairs; without it the
# tools say so. Root's processes also keep the capabilities for their own files
# and processes. The processes of peers keep none and can still read the link's
# security, and the process of the key can still sign with the TPM.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities --tpm
chown -R 65533:65533 phone
chmod 755 .
user=(setpriv --reuid=65533 --regid=65533 --clear-groups
	--inh-caps=+net_admin --ambient-caps=+net_admin)
status() { sed -n "s/^$2:[[:space:]]*\([^[:space:]]*\).*/\1/p" "/proc/$1/status"; }
child() { pgrep -P "$1" -x "$2"; }

serve --pair </dev/null
mkfifo never
exec 8<>never
"${user[@]}" blesec-connect --dir phone --pair --require-pairing "$HCI1" <&8 \
	>phone.json 2>phone.err &
client=$!
wait_for 30 holds phone.json '"event":"paired"' ||
	fail "$(cat phone.json phone.err serve.err)"

# CAP_NET_ADMIN is 1 << 12.
[ "$(status "$client" CapEff)" = 0000000000001000 ]
[ "$(status "$client" CapPrm)" = 0000000000001000 ]
[ "$(status "$server" CapEff)" = 00000000000011e2 ]
for who in "$client" "$server"; do
	for name in blesec-peer blesec-signer; do
		pid=$(child "$who" "$name")
		for set in Inh Prm Eff Amb; do
			[ "$(status "$pid" "Cap$set")" = 0000000000000000 ]
		done
		[ "$(status "$pid" NoNewPrivs)" = 1 ]
		[ "$(status "$pid" Seccomp)" = 2 ]
	done
done
[ "$(status "$(child "$server" blesec-peer)" Uid)" = 65534 ]
kill "$client"
wait "$client"
expect 0 stop_serve

# Without any capability.
serve </dev/null
expect 8 setpriv --reuid=65533 --regid=65533 --clear-groups blesec-connect \
	--dir phone "$HCI1" </dev/null 2>err
grep -q CAP_NET_ADMIN err
expect 0 stop_serve
