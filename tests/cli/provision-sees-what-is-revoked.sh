#!/usr/bin/env bash
# time limit: 240
# A revoked certificate is not installed where a crl.pem says so, and a host
# that has one gets another only with --renew: with the same key, unless the
# key is the reason. A host that hides the certificate, or shows an older one,
# gets none either. A CRL that is stale, or missing for one of the CAs, does
# not prevent a renewal.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/hosts.sh"
. "$S/tests/lib/pki.sh"

ca init --dir ca --name "Example CA"
provision --no-tpm --no-address --name sensor --ca ca --dir id >/dev/null
state_of_id() { (cd id && sha256sum ./*); }
install() { provision --dir id --install <"$1"; }
signed() { provision --dir id --no-address --csr | ca sign --dir ca; }

# --install
signed >bad.pem
signed >good.pem
ca revoke --dir ca "serial:$(openssl x509 -in bad.pem -noout -serial |
	cut -d= -f2)" --reason superseded
cp ca/crl.pem id/crl.pem
before=$(state_of_id)
refused 3 'because a peer would refuse it: its certificate .*sensor.* was revoked 20.*superseded' \
	install bad.pem
[ "$(state_of_id)" = "$before" ] || fail "changed"
install good.pem >out 2>err
[ ! -s err ] || fail "$(cat err)"
cmp id/crl.pem ca/crl.pem
# a stale CRL gives only a warning here
pki_crl id/crl.pem ca from=20200101000000Z to=20210101000000Z
rm -rf id/crl.pem.db
install good.pem >out 2>err
grep -q 'no peer will be accepted .*crl.pem.*2021-01-01' err ||
	fail "it says $(cat err)"
cp ca/crl.pem id/crl.pem
ca renew --dir ca
signed >new.pem
provision --dir id --install --ca ca <new.pem >out 2>err || fail "$(cat err)"
echo garbage >id/crl.pem
refused 3 'crl.pem. holds no PEM CRL' install new.pem
rm id/crl.pem

# a host
start_hosts
remote sensor-7 || fail "$(cat err)"
was=$(of sensor-7 pin)
serial=$(of sensor-7 serial)
there=hosts/sensor-7/id
cp $there/cert.pem first.pem
ca revoke --dir ca name:sensor-7 --reason cessationOfOperation
# a revocation is not undone, unless that is asked for
for _ in 1 2; do
	fails sensor-7 3 show "serial number $serial was revoked 20..-..-..T[0-9:]*Z .cessationOfOperation.: --renew gives"
	rm -f $there/cert.pem	# and by its name
done
mv $there gone
fails sensor-7 3 show "serial number $serial was revoked"
mv gone $there
cp first.pem $there/cert.pem
remote --renew sensor-7 || fail "$(cat err)"
[ "$(of sensor-7 status) $(of sensor-7 reason)" = \
	"renewed it was revoked (cessationOfOperation)" ] || fail "$(cat out)"
[ "$(of sensor-7 pin)" = "$was" ] || fail "another key"
remote sensor-7
[ "$(of sensor-7 status)" = kept ] || fail "$(cat out)"
ca revoke --dir ca name:sensor-7
rm $there/cert.pem
fails sensor-7 3 show 'was revoked 20.*Z .unspecified.: --renew gives'
remote --renew sensor-7 || fail "$(cat err)"
[ "$(of sensor-7 status) $(of sensor-7 reason)" = \
	"installed it was revoked (unspecified)" ] || fail "$(cat out)"
[ "$(of sensor-7 pin)" = "$was" ] || fail "another key"
# the name has a valid certificate, but the host shows a revoked one
cp $there/cert.pem good.pem
cp first.pem $there/cert.pem
fails sensor-7 3 show "serial number $serial was revoked"
cp good.pem $there/cert.pem
ca revoke --dir ca name:sensor-7 --reason keyCompromise
compromised='was revoked 20.*key.*: its key is not to be used any more, --force makes'
fails sensor-7 3 show "$compromised"
fails sensor-7 3 show "$compromised" --renew
cp first.pem $there/cert.pem
fails sensor-7 3 show "$compromised" --renew
mv $there gone
fails sensor-7 3 show "$compromised"
fails sensor-7 3 show "$compromised" --renew
mv gone $there
# as openssl ca writes it if the time is known
cp ca/index.txt index.txt
sed -i 's/,keyCompromise\t/,keyTime,20200101000000Z\t/' ca/index.txt
grep -q keyTime ca/index.txt
fails sensor-7 3 show "$compromised" --renew
cp index.txt ca/index.txt
remote --force sensor-7
[ "$(of sensor-7 status)" = installed ]
[ "$(of sensor-7 pin)" != "$was" ] || fail "the key that is compromised"
remote sensor-7
[ "$(of sensor-7 status)" = kept ]
