#!/usr/bin/env bash
# An EST server is trusted by a given anchor or pin only. The system's store
# counts only if asked for, and no other server is sent anything.
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/est.sh"

est_files
pin=$(pki_pin www/cert.pem)
wrong=$(pki_pin ca/cacert.pem)
start_est --user device --password secret

# never without verification, never without TLS
refused 2 'nothing says how to trust the EST server' bare --url "$url" cacerts
for bad in "http://localhost:$est_port" "localhost:$est_port" https:// '' \
	"HTTPS://localhost" "file:///etc/passwd" "$url/?a=b" "$url/#a"; do
	refused 2 'bad --est `' bare --url "$bad" --ca web/cacert.pem cacerts
done
refused 2 'bad --est: the user goes into --user' bare --url \
	"https://device:secret@localhost:$est_port" --ca web/cacert.pem cacerts
! grep -q secret refused.err || fail "it repeats the password"
for bad in '' a/b .. . 'a b' cacerts simpleenroll "$(printf 'x%.0s' {1..65})"; do
	refused 2 'bad --label' est --label "$bad" cacerts
done
for bad in sha256//x "sha1//${pin#*//}" "$pin;$pin" "$T/www/cert.pem"; do
	refused 2 'bad --est-pin' bare --url "$url" --pin "$bad" cacerts
done
for bad in -1 604801; do
	refused 2 'bad --est-timeout' est --timeout $bad cacerts
done
refused 3 'nothing' bare --url "$url" --ca nothing cacerts
refused 3 'key.pem' bare --url "$url" --ca key.pem cacerts

# anchors, the name, the dates
refused 4 'not the expected one' bare --url "$url" --ca ca/cacert.pem cacerts
bare --url "https://127.0.0.1:$est_port" --ca web/cacert.pem cacerts >out

# the pin, alone and with anchors
bare --url "$url" --pin "$pin" cacerts >out
cmp out ca/cacert.pem
est --pin "$pin" cacerts >out
refused 4 'not the expected one.*public key' bare --url "$url" --pin "$wrong" \
	cacerts
refused 4 'not the expected one' est --pin "$wrong" cacerts
refused 4 'not the expected one' bare --url "$url" --ca ca/cacert.pem \
	--pin "$pin" cacerts

# a server with another key is sent nothing
: >requests
refused 4 'not the expected one' bare --url "$url" --pin "$wrong" --user device \
	--password-file password --key key.pem enrol
[ ! -s requests ] || fail "another server was asked: $(cat requests)"

# the system's store
mkdir store
cp web/cacert.pem store/web.pem
openssl rehash store
refused 4 'not the expected one' bare --url "$url" --system cacerts
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	cat >in_store <<-'END'
	mount --bind store /etc/ssl/certs
	cp web/cacert.pem store/ca-certificates.crt
	exec "$@"
	END
	unshare -m bash in_store "$B/tests/helpers/est" --url "$url" --system \
		cacerts >out
	cmp out ca/cacert.pem
	refused 4 'not the expected one' unshare -m bash in_store \
		"$B/tests/helpers/est" --url "$url" --ca ca/cacert.pem cacerts
fi
refused 4 'not the expected one' env SSL_CERT_FILE="$T/web/cacert.pem" \
	SSL_CERT_DIR="$T/store" "$B/tests/helpers/est" --url "$url" \
	--ca ca/cacert.pem cacerts

# a redirect to another origin: host, port, scheme
for to in "https://127.0.0.1:$est_port/x" "https://localhost:1/x" \
	"http://localhost:$est_port/x" https://evil.example/ //evil.example/ \
	file:///etc/passwd; do
	switch "redirect=$to"
	refused 4 'points to another one, `.*which is not followed' est cacerts
done
switch

# the password: from a file that only its owner can read, and shown nowhere
refused 2 'belong together' est --user device cacerts
refused 2 'belong together' est --password-file password cacerts
refused 3 'password file `nothing.: No such file' \
	est --user device --password-file nothing cacerts
: >empty && chmod 600 empty
refused 3 'empty' est --user device --password-file empty cacerts
head -c 2000 /dev/zero | tr '\0' x >long && chmod 600 long
refused 3 'too long' est --user device --password-file long cacerts
printf 'a\0b' >binary && chmod 600 binary
refused 3 'is not text' est --user device --password-file binary cacerts
refused 3 'not a file' est --user device --password-file "$T" cacerts
chmod 644 password
refused 3 'open to others \(mode 0644\)' with_password cacerts
chmod 600 password
switch simpleenroll:pending=3 simpleenroll:retry=1
"$B/tests/helpers/est" --url "$url" --ca web/cacert.pem --verbose \
	--user device --password-file password --key key.pem enrol \
	>cert.pem 2>log &
client=$!
sleep 1.5
! tr '\0' '\n' <"/proc/$client/cmdline" | grep -q secret ||
	fail "in the arguments"
wait "$client"
good cert.pem
[ -s log ]
! grep -q secret log || fail "in the log"
# a server that asks for no password gets none
: >requests
with_password cacerts >out
stop_est

# the server has a certificate for another name; a pin needs no name
pki_identity elsewhere web name=elsewhere
start_est --cert elsewhere/cert.pem --key elsewhere/key.pem
refused 4 'not the expected one.*localhost' est cacerts
bare --url "$url" --pin "$(pki_pin elsewhere/cert.pem)" cacerts >out
cmp out ca/cacert.pem
stop_est

# the server's certificate has expired, or is not for a server
pki_identity www web name=localhost from=20200101000000Z to=20210101000000Z
start_est
refused 4 'not the expected one.*expired' est cacerts
stop_est
pki_identity www web name=localhost eku=clientAuth
start_est
refused 4 'not the expected one' est cacerts
stop_est
