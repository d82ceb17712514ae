#!/usr/bin/env bash
# --install refuses anything that the tools would refuse later, says why in one
# line and changes nothing; what it installs works.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
state() { (cd id && sha256sum ./*); }
install() { provision --dir id --install "${@:2}" <"$1"; }
# signed CSR OPTION...: by openssl, with extensions from stdin
signed() {
	cat >ext
	(cd ca && openssl ca -batch -config openssl.cnf -notext \
		-in "../$1" -extfile ../ext "${@:2}") 2>log || fail "$(cat log)"
}
usual() {
	printf '%s\n' basicConstraints=CA:FALSE \
		keyUsage=critical,digitalSignature \
		extendedKeyUsage=clientAuth,serverAuth "$@"
}

ca init --dir ca --name "Example CA"
provision --no-tpm --no-address --name sensor --ca ca --dir id >/dev/null
provision --dir id --no-address --name sensor --csr >csr
openssl req -in csr -verify -noout 2>/dev/null
before=$(state)

usual subjectAltName=DNS:sensor |
	signed csr -startdate 20200101000000Z -enddate 20210101000000Z >expired.pem
refused 3 'expired.*clock' install expired.pem
usual subjectAltName=DNS:sensor |
	signed csr -startdate 20400101000000Z -enddate 20410101000000Z >early.pem
refused 3 'it is not valid before 2040.*clock' install early.pem
usual subjectAltName=IP:10.0.0.1 | signed csr >nameless.pem
refused 3 'names no device' install nameless.pem
use() { # REGEX BASIC KEY-USAGE EXTENDED: refused
	printf '%s\n' "basicConstraints=$2" ${3:+"keyUsage=$3"} \
		${4:+"extendedKeyUsage=$4"} subjectAltName=DNS:sensor |
		signed csr >use.pem
	refused 3 "$1" install use.pem
}
both=clientAuth,serverAuth
use 'that of a CA' CA:TRUE digitalSignature,keyCertSign $both
use 'that of a CA' CA:TRUE digitalSignature $both
use digitalSignature CA:FALSE keyEncipherment $both
use digitalSignature CA:FALSE '' $both
use 'neither clientAuth' CA:FALSE digitalSignature codeSigning
use 'neither clientAuth' CA:FALSE digitalSignature ''
cat id/cert.pem id/cert.pem id/cert.pem id/cert.pem id/cert.pem >five.pem
refused 3 'more than 4' install five.pem

openssl req -newkey rsa:2048 -nodes -keyout rsa.key -subj /CN=sensor \
	-out rsa.csr 2>/dev/null
usual subjectAltName=DNS:sensor | signed rsa.csr >rsa.pem
refused 3 'another key' install rsa.pem
openssl req -x509 -key rsa.key -subj /CN=RSA -out rsaca.pem
usual subjectAltName=DNS:sensor >ext
openssl x509 -req -in csr -CA rsaca.pem -CAkey rsa.key -CAcreateserial \
	-extfile ext -out rsasigned.pem 2>/dev/null
refused 3 'ECDSA' install rsasigned.pem --ca rsaca.pem
refused 3 'no PEM' install id/key.pem
refused 3 'no PEM' install csr
head -c 300 id/cert.pem >short.pem
refused 3 'no PEM' install short.pem
head -c 3000 /dev/urandom >noise
refused 3 'no PEM' install noise
refused 3 'no PEM' install /dev/null
refused 3 'no PEM' install id/cert.pem --ca noise
refused 3 'nowhere' install id/cert.pem --ca nowhere
refused 3 'no key.pem' provision --dir new --install --ca ca <id/cert.pem
[ ! -e new ] && [ ! -e id.next ]
[ "$(state)" = "$before" ] || fail "something was changed"

# the host's name does not matter then
if unshare -u hostname '(none)' 2>/dev/null; then
	unshare -u sh -c 'hostname "(none)"; exec "$@"' - \
		"$B/tools/blesec-provision" --dir id --install \
		<id/cert.pem >/dev/null || fail "wants a name to install"
fi

# a certificate for one role is enough
for role in clientAuth serverAuth; do
	printf '%s\n' basicConstraints=CA:FALSE keyUsage=digitalSignature \
		extendedKeyUsage=$role subjectAltName=DNS:sensor |
		signed csr >one.pem
	install one.pem >/dev/null
done

# certificates that are taken: an intermediate CA's, with the chain
openssl ecparam -name P-384 -genkey -noout -out sub.key
openssl req -new -key sub.key -subj /CN=Sub -out sub.csr
printf '%s\n' basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign \
	subjectKeyIdentifier=hash authorityKeyIdentifier=keyid | signed sub.csr >sub.pem
usual subjectAltName=DNS:sensor authorityKeyIdentifier=keyid >ext
openssl x509 -req -in csr -CA sub.pem -CAkey sub.key -CAcreateserial -sha384 \
	-extfile ext -out leaf.pem 2>/dev/null
refused 3 'refused' install leaf.pem
cat leaf.pem sub.pem >chain.pem
install chain.pem >out
jq -e '.event == "provisioned" and .name == "sensor" and .tpm == false' out >/dev/null
cmp id/cert.pem chain.pem
provision --no-tpm --no-address --name phone --ca ca --dir phone >/dev/null
"$B/tools/blesec-serve" --dir id "unix:$T/link" </dev/null >serve.json &
server=$!
await 10 test -S link
connect </dev/null >out
grep -q '"peer":"sensor"' out
stop_serve

# Another CA replaces the trusted one only with a warning; its renewal, by the
# same key or beside the new one, gives none.
ca init --dir first --name First
ca init --dir second --name Second
provision --no-tpm --no-address --name d --ca first --dir d >/dev/null
signed_by() { provision --dir d --name d --csr 2>/dev/null | ca sign --dir "$1" --force --name d; }
signed_by second >d.pem
refused 3 'refused' provision --dir d --install <d.pem
cat first/ca.pem second/ca.pem >both.pem
provision --dir d --install --ca both.pem <d.pem >/dev/null 2>err
[ ! -s err ] || fail "$(cat err)"
provision --dir d --install --ca second <d.pem >/dev/null 2>err
[ ! -s err ] || fail "$(cat err)"
signed_by first >d.pem
provision --dir d --install --ca first <d.pem >/dev/null 2>err
grep -q 'trusts another CA from now on' err || fail "nothing is said: $(cat err)"
[ "$(wc -l <err)" = 1 ]
# A lifetime of centuries is reported as such.
provision --dir d --name d --csr | ca sign --dir first --force --name d --days 99999 >d.pem
provision --dir d --install <d.pem >out
jq -e '.not_after | startswith("20")' out >/dev/null # no longer than the CA's
