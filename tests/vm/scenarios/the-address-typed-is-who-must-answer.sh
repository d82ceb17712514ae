#!/bin/bash
# A peer with a good certificate for another address is refused, unless the user
# gives its name or accepts any peer.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities
blesec-provision --no-tpm --name sensor-7 --ca ca --dir sensor --force \
	--address 11:22:33:44:55:66 >/dev/null
serve </dev/null
connect() { blesec-connect --dir phone "$@" "$HCI1" </dev/null; }
expect 4 connect 2>err
grep -q "$HCI1" err
expect 0 connect --any-peer
expect 0 connect --peer-name sensor-7
expect 4 connect --peer-name sensor-8
pin=$(jq -r 'select(.event == "secured").pin' <(connect --any-peer))
expect 0 connect --pin "$pin"
expect 4 connect --pin "sha256//$(openssl rand -base64 32)"
expect 0 stop_serve
