#!/usr/bin/env bash
# A CRL with a tenth of its lifetime left is reported once, by an event and a
# warning. A stale CRL is reported too and peers are refused; a new CRL lets
# them back in.
# takes: 22 s
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/reload.sh"
. "$S/tests/lib/pki.sh"

at() { date -u -d "@$((now + $1))" +%Y%m%d%H%M%SZ; }
pki_ca ca
for name in sensor phone; do pki_identity $name ca; done
now=$(date +%s)
pki_crl sensor/crl.pem ca "from=$(at -200)" "to=$(at 20)"
serve </dev/null
await 5 has_events crl_expires 1
jq -es --argjson until $((now + 20)) 'map(select(.event == "crl_expires"))[0] |
	.dir == "sensor" and .seconds_left > 0 and .seconds_left <= 20 and
	(.next_update | fromdate) == $until' serve.json >/dev/null ||
	fail "$(cat serve.json)"
await 10 grep -q \
	'the crl.pem in .sensor. is to be replaced before 20.*: no peer after' \
	serve.err
seen sensor
await 30 has_events crl_expires 2
jq -es 'map(select(.event == "crl_expires"))[1].seconds_left == 0' serve.json \
	>/dev/null || fail "$(cat serve.json)"
await 10 grep -q 'was to be replaced before 20.*: no peer is accepted' \
	serve.err
"$B/tools/blesec-connect" --dir phone "unix:$T/link" </dev/null >out.json \
	2>err && fail "a stale CRL does not keep it out"
await 10 grep -q 'CRL here' serve.err

pki_crl sensor/crl.new ca
mv sensor/crl.new sensor/crl.pem
told 1 '.changed == ["crl"]'
seen sensor
[ "$(events crl_expires)" = 2 ] || fail "$(cat serve.json)"
stop_serve
