#!/bin/bash
# Over Bluetooth and with keys in the TPM: a running blesec-serve loads a new
# key and certificate while a central is connected; then a CRL that revokes this
# central ends its session, with messages on both sides.
# takes: 20 s
# time limit: 300
set -eu
. "$S/tests/vm/lib.sh"

identities --tpm
serve < <(sleep 1000)
blesec-connect --dir phone "$HCI1" < <(sleep 1000) >connect.json 2>connect.err &
client=$!
wait_for 20 holds connect.json '"secured"'

blesec-provision --tpm --force --name sensor-7 --ca ca --dir sensor
wait_for 20 grep -q '"reloaded".*"key"' serve.json || fail "$(cat serve.err)"
! grep -q '"closed"' connect.json || fail "it is put out by another's key"

blesec-ca revoke --dir ca phone-1
cp ca/crl.pem sensor/crl.new
mv sensor/crl.new sensor/crl.pem
kill -HUP "$server"
wait_for 10 holds serve.json \
	'"reason":"revoked","detail":"its certificate was' || fail "$(cat serve.json)"
expect 4 wait "$client"
grep -q 'the peer reports that our certificate is revoked' connect.json
expect 4 blesec-connect --dir phone "$HCI1" </dev/null >again.json 2>again.err
grep -q 'certificate revoked' again.err
expect 0 stop_serve
