#!/bin/bash
# blesec-verify --peer over Bluetooth: a good peripheral passes, by address and
# by name, and goes on serving. A peripheral with another name, address or CA,
# or whose certificate is expired or revoked, fails the check for that. An
# absent one fails too.
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"
. "$S/tests/lib/pki.sh"

identities

# verdict STATUS CHECKS [OPTION...]: exactly these checks fail.
verdict()
{
	local wanted=$1 checks=$2 status=0
	shift 2
	blesec-verify --dir phone --timeout 60 "$@" >verdict.json 2>verdict.err ||
		status=$?
	[ "$status" = "$wanted" ] ||
		fail "status $status, not $wanted: $(cat verdict.json verdict.err)"
	[ "$(jq -r '[.checks[] | select(.ok == false).check] | sort |
		join(" ")' verdict.json)" = "$checks" ] ||
		fail "not '$checks': $(cat verdict.json)"
}
at() { verdict "$@" --peer "$HCI1"; }

serve </dev/null
at 0 ''
jq -e --arg a "$HCI1" '.ok and .subject == $a and .name == "sensor-7" and
	(.checks[-1] | .check == "handshake" and .ok)' verdict.json
jq -r '.chain[0]' verdict.json | base64 -d |
	cmp - <(openssl x509 -in sensor/cert.pem -outform DER)
verdict 0 '' --peer name:sensor-7
at 0 '' --pin "$(pki_pin sensor/cert.pem)"
at 4 'handshake name' --name other
# the verdict harms neither the peripheral nor the next one
expect 0 blesec-connect --dir phone "$HCI1" </dev/null
pki_crl phone/crl.pem ca sensor/cert.pem
at 4 'crl handshake'
rm -r phone/crl.pem*
pki_ca third "Third CA"
cp phone/ca.pem kept
cp third/cacert.pem phone/ca.pem
at 4 'chain handshake'
cp kept phone/ca.pem
expect 0 stop_serve

names=san=DNS:sensor-7,URI:urn:bdaddr:${HCI1//:/-}
# bad CHECKS CA OPTION...: a peripheral with this certificate fails these checks
bad()
{
	local checks=$1 ca=$2
	shift 2
	rm -rf sensor
	pki_identity sensor "$ca" "$@"
	serve </dev/null
	at 4 "$checks"
	expect 0 stop_serve
}
bad 'address handshake' ca san=DNS:sensor-7,URI:urn:bdaddr:11-22-33-44-55-66
bad 'dates handshake' ca "$names" from=20200101000000Z to=20210101000000Z
bad 'chain handshake' third "$names" trust=ca

# no peripheral
expect 7 blesec-verify --dir phone --timeout 5 --peer 00:AA:01:77:00:01 \
	>none.out 2>none.err
[ ! -s none.out ]
