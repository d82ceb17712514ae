#!/usr/bin/env bash
# blesec-serve takes a new identity while it runs, by itself or on SIGHUP: a
# certificate for the same key, one for another key, a renewed CA. Connected
# peers stay, and a peer in mid-handshake finishes with the old key. A bad or
# half-written set is reported and not taken.
# takes: 40 s
# time limit: 240
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/reload.sh"

identities
serve --timeout 120 </dev/null
peer stays phone
stays=$client

# nothing new
hangup
told 1 '.dir == "sensor" and .name == "sensor" and .changed == []'
touch sensor/note
cp -p sensor/cert.pem sensor/same
mv sensor/same sensor/cert.pem
sleep 2
told 1 .

# the same key, by itself: the directory is another one then
pin=$(jq -r 'select(.event == "secured").pin' stays.json)
renew sensor --days 40
told 2 '.changed == ["cert"] and .pin == "'"$pin"'" and
	(.not_after | fromdate) - now < 41 * 86400'
seen sensor "$pin"

# a file of its own, in its place
ca sign --dir ca --days 50 <<<"$(provision --dir sensor --csr)" >new.pem
sed -n '/BEGIN/,/END/p' new.pem >sensor/cert.new
mv sensor/cert.new sensor/cert.pem
told 3 '.changed == ["cert"] and (.not_after | fromdate) - now > 49 * 86400'
seen sensor "$pin"

# written in pieces, with less than a second between them
cp sensor/cert.pem whole
head -c 300 whole >sensor/cert.pem
sleep 0.3
tail -c +301 whole >>sensor/cert.pem
sleep 2
hangup
told 4 '.changed == []'
refused 0

# on_the_way NAME: a central that connects and starts TLS once NAME.go exists
on_the_way() {
	PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 python3 "$S/tests/cli/serve-takes-new-certificates.py" "$1" &
	await 10 test -e "$1"
}

# another key
on_the_way slow
slow=$!
on_the_way dies
dies=$!
provision --dir sensor --force --no-tpm --ca ca >/dev/null
told 5 '.changed == ["cert", "key"] and .pin != "'"$pin"'"'
new=$(jq -r 'select(.event == "reloaded").pin' serve.json | tail -n 1)
seen sensor "$new"
# the old key's process lives as long as a session that began with it
[ "$(signers)" = 2 ] || fail "$(signers) signers"
touch slow.go
expect 0 wait "$slow"
[ "$(signers)" = 2 ] || fail "$(signers) signers"
kill "$dies"
await 20 one_signer

# what a start would refuse is refused, and said in one line
cp -a sensor good
bad() { # bad NUMBER REGEX: what is there now is
	local before
	refused "$1" "$2"
	seen sensor "$new"
	before=$(events reloaded)
	cp -a good sensor.good
	rm -rf sensor
	mv sensor.good sensor
	# it is what is in use
	hangup
	await 10 has_events reloaded $((before + 1))
	refused "$1"
}
head -c 200 good/cert.pem >sensor/cert.pem
bad 1 'sensor/cert.pem'
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	-out sensor/key.pem
bad 2 'key.pem. is not that of the certificate'
chmod 644 sensor/key.pem
bad 3 'open to others'
cp phone/cert.pem sensor/cert.pem
bad 4 'key.pem. is not that of the certificate'
rm sensor/ca.pem
bad 5 'no ca.pem'
echo nonsense >sensor/ca.pem
bad 6 'sensor/ca.pem'
rm -r sensor
bad 7 'no identity in .sensor.'

# another name is not advertised
provision --dir sensor --force --no-tpm --name other --ca ca >/dev/null
last '.name == "other"'
grep -q 'is now for .other.; .sensor. is' serve.err
seen other
provision --dir sensor --force --no-tpm --name sensor --ca ca >/dev/null
last '.name == "sensor"'

# a CA that is renewed: the old and the new certify one another
ca renew --dir ca
renew sensor
last '.changed == ["cert", "ca"]'
seen sensor
provision --no-tpm --no-address --name late --ca ca --dir late >/dev/null
peer late late
late=$client
ca renew --dir ca --finish --force
cp ca/ca.pem sensor/ca.new
mv sensor/ca.new sensor/ca.pem
# the CA of `stays' is gone, but its session is not ended for that
last '.changed == ["ca"]'
expect 4 connect --wait 1 <&8 >gone.json 2>gone.err

# the peer that was there throughout has missed nothing, and still talks
for who in "$stays" "$late"; do kill -0 "$who"; done
! grep -q '"closed"' stays.json || fail "$(cat stays.json)"
[ "$(jq -s 'map(select(.event == "secured" and .session == 1)) | length' \
	serve.json)" = 1 ]
stop_serve
wait "$stays" "$late"

# a directory that is named by what moves with it
serve --dir sensor/. </dev/null
renew sensor --days 30
last '.changed == ["cert"] and (.not_after | fromdate) - now < 31 * 86400'
stop_serve
