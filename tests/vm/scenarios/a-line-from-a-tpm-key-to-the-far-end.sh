#!/bin/bash
# The five lines of the README, as they are written there.
set -eu
. "$S/tests/vm/lib.sh"

export PATH=$B/tools:$S/scripts:$PATH BLESEC_CA=$S/scripts/blesec-ca
cd "$T"
blesec-ca init --dir ca --name "Example CA"
blesec-provision --tpm --name sensor-7 --ca ca --dir sensor
blesec-provision --no-tpm --name phone-1 --ca ca --dir phone
serve < <(echo '{"n":1}')
echo '{"hello":true}' | blesec-connect --dir phone "$HCI1" >connect.json
jq -e 'select(.event == "message") | .peer == "sensor-7" and .json.n == 1' \
	connect.json
wait_for 5 grep -q closed serve.json
jq -e 'select(.event == "message") | .peer == "phone-1" and .json.hello' \
	serve.json
jq -e 'select(.event == "connected") | .mtu == 517 and .type == "public"
	and .bearer == "att"' connect.json
jq -es 'map(select(.event == "secured"))[0] |
	.handshake.bytes_out + .handshake.bytes_in <= 1750' connect.json
stop_serve
