#!/usr/bin/env bash
# A crl.pem that appears while blesec-serve runs disconnects peers that it
# revokes, and peers of a revoked CA; both sides are told why. All other peers
# stay and lose nothing. A stale CRL, or one of another CA, changes nothing.
# time limit: 90
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/reload.sh"
. "$S/tests/lib/pki.sh"

pki_ca ca
pki_identity lower ca basic=CA:TRUE ku=keyCertSign,cRLSign eku= ski=hash san=
cp lower/cert.pem lower/cacert.pem
cp lower/key.pem lower/cakey.pem
for name in sensor phone thief late; do pki_identity $name ca; done
pki_identity leaf lower trust=ca
cat lower/cert.pem >>leaf/cert.pem

crl() { # crl [CERT...]: take it
	pki_crl both.crl ca "$@"
	pki_crl lower.crl lower
	cat both.crl lower.crl >crl.new
	mv crl.new sensor/crl.pem
	hangup
}
# put_out NAME SESSION WORDS CLIENT: the peer is disconnected with these words,
# and its client exits with 4
put_out() {
	await 5 grep -q '"session":'"$2"',"reason":"revoked"' serve.json
	jq -es --arg words "$3" --argjson session "$2" 'map(select(
		.session == $session and .event == "closed"))[0].detail |
		startswith($words) and endswith("(keyCompromise)")' serve.json \
		>/dev/null || fail "$(grep closed serve.json)"
	grep -q "revoked: $3 was revoked 20" serve.err || fail "$(cat serve.err)"
	expect 4 wait "$4"
	grep -q '"reason":"refused by peer","detail":"the peer reports that our certificate is revoked"' \
		"$1.json" || fail "$(cat "$1.json")"
}

serve </dev/null
# phone sends a line every 10 ms, and must lose none
for ((n = 1; ; n++)); do
	echo "$n"
	sleep 0.01
	[ ! -e enough ] || break
done | "$B/tools/blesec-connect" --dir phone "unix:$T/link" >talks.json \
	2>talks.err &
talks=$!
await 10 grep -q '"secured"' talks.json
peer thief thief
thief=$client
peer leaf leaf
leaf=$client

# none of these is taken
pki_ca other "Other CA"
pki_crl stale.crl ca from=20200101000000Z to=20210101000000Z thief/cert.pem
pki_crl other.crl other
n=0
for file in stale other; do
	cp $file.crl crl.new
	mv crl.new sensor/crl.pem
	await 10 has_events not_reloaded $((n += 1))
done
sleep 2
refused 2 'Other CA.* not signed by a CA that is known'
grep 'stays in use' serve.err | grep -q 'to be replaced before 2021'
for who in "$talks" "$thief" "$leaf"; do kill -0 "$who"; done

# a CRL that revokes no connected peer
cat lower/cert.pem >>sensor/ca.pem
crl
last '.changed == ["ca", "crl"]'
for who in "$talks" "$thief" "$leaf"; do kill -0 "$who"; done

# revoke one peer, then a CA
crl thief/cert.pem
put_out thief 2 "its certificate" "$thief"
for who in "$talks" "$leaf"; do kill -0 "$who"; done
crl thief/cert.pem lower/cert.pem
put_out leaf 3 "the certificate of its CA" "$leaf"
kill -0 "$talks"
# they cannot reconnect
"$B/tools/blesec-connect" --dir thief --wait 5 "unix:$T/link" <&8 >again.json \
	2>again.err && fail "it comes back"
grep -q 'certificate revoked' again.err || fail "$(cat again.err)"
seen sensor

# a peer in mid-handshake is judged by the new list
PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1 timeout 60 python3 "$S/tests/cli/a-revoked-peer-is-put-out.py" &
late=$!
await 10 test -e half
before=$(events reloaded)
crl thief/cert.pem lower/cert.pem late/cert.pem
await 10 has_events reloaded $((before + 1))
touch listed
expect 0 wait "$late"
await 5 grep -q '"peer":"late".*"reason":"revoked"' serve.json
! grep '"secured"' serve.json | grep -q '"late"' || fail "it is secured"

# a removed list is refused, until SIGHUP insists on it
before=$(events reloaded)
refusals=$(events not_reloaded)
mv sensor/crl.pem gone.pem
refused $((refusals + 1)) 'crl.pem is gone'
[ "$(events reloaded)" = "$before" ] || fail "reloaded without SIGHUP"
hangup
await 10 has_events reloaded $((before + 1))
last '.changed == ["crl"]'

# a peer that was not revoked has lost nothing
touch enough
expect 0 wait "$talks"
! grep -q '"peer":"phone".*"revoked"' serve.json || fail "phone is put out"
jq -es 'map(select(.event == "message" and .session == 1).json) | length > 100 and
	. == [range(1; length + 1)]' serve.json >/dev/null ||
	fail "some of phone's messages are lost"
stop_serve
