#!/bin/bash
# The five lines of blesec(7), exactly as written there.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

export PATH=$B/tools:$S/scripts:$PATH BLESEC_CA=$S/scripts/blesec-ca
cd "$T"
blesec-ca init --dir ca --name "Example CA"
blesec-provision --tpm --name sensor-7 --ca ca --dir sensor
blesec-provision --no-tpm --name phone-1 --ca ca --dir phone
serve < <(echo '{"n":1}')
echo '{"hello":true}' | blesec-connect --dir phone "$HCI1" >connect.json
has() { # has FILE CONDITION: an event of the file meets it
	jq -es "any(.[]; $2)" "$1" >/dev/null || {
		cat "$1"
		fail "no event in $1 with $2"
	}
}
has connect.json '.event == "message" and .peer == "sensor-7" and .json.n == 1'
has connect.json '.event == "connected" and .mtu == 517 and
	.type == "public" and .bearer == "att"'
has connect.json '.event == "secured" and
	.handshake.bytes_out + .handshake.bytes_in <= 1750'
wait_for 5 holds serve.json closed
has serve.json '.event == "message" and .peer == "phone-1" and .json.hello'
expect 0 stop_serve
