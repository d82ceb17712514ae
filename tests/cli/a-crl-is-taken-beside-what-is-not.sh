#!/usr/bin/env bash
# A bad new certificate or CA does not keep out the CRL that came with it:
# peers that the CRL revokes are disconnected. A bad CRL is not taken, and
# neither is one of the CA that was refused.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/reload.sh"
. "$S/tests/lib/pki.sh"

pki_ca ca
pki_ca other "Other CA"
for name in sensor phone thief; do pki_identity $name ca; done
pki_identity alien other
pki_crl none.crl ca
pki_crl thief.crl ca thief/cert.pem
pki_crl other.crl other

serve </dev/null
peer phone phone
peer thief thief
thief=$client

# put FILE...: put all of these into sensor at once, since it is read a second
# after the last change
put() { mv "$@" sensor; }

# certificate and CRL of an unknown CA: nothing is taken
cp sensor/cert.pem kept.pem
mkdir bad
cp other.crl bad/crl.pem
cp alien/cert.pem bad/cert.pem
put bad/crl.pem bad/cert.pem
refused 1
[ "$(events reloaded)" = 0 ] || fail "$(cat serve.json)"
kill -0 "$thief"

# the certificate still does not match the key, but the list is ours
cp thief.crl crl.pem
put crl.pem
told 1 '.changed == ["crl"] and .name == "sensor"'
refused 2
expect 4 wait "$thief"
seen sensor
jq -es 'map(select(.event == "closed" and .peer == "phone" and .session == 1)) == []' \
	serve.json >/dev/null || fail "phone is put out: $(cat serve.json)"

# the same set is not reported again
touch sensor/cert.pem
refused 3
[ "$(events reloaded)" = 1 ] || fail "$(cat serve.json)"

# a good set is taken again
mv kept.pem cert.pem
cp none.crl crl.pem
put cert.pem crl.pem
told 2 '.changed == ["crl"]'
stop_serve
