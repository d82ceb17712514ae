#!/usr/bin/env bash
# More things that an identity directory may hold instead of an identity, and
# addresses that are in use or do not exist: one line, and the exit status of
# the manual.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
identities
good() { rm -rf bad; cp -a phone bad; }
bad() { # bad REGEX [OPTION...]
	refused 3 "$1" "$B/tools/blesec-serve" --dir bad "${@:2}" "unix:$T/link"
	refused 3 "$1" "$B/tools/blesec-connect" --dir bad "${@:2}" "unix:$T/link"
	[ ! -e link ] || fail "it listens all the same"
}
# certificate SUBJECT SAN: for the key in bad
certificate() {
	openssl req -new -key bad/key.pem -subj "$1" -out csr
	printf '%s\n' basicConstraints=CA:FALSE \
		keyUsage=critical,digitalSignature \
		extendedKeyUsage=clientAuth,serverAuth ${2:+"subjectAltName=$2"} >ext
	openssl x509 -req -in csr -CA ca/cacert.pem -CAkey ca/cakey.pem \
		-CAcreateserial -extfile ext -out bad/cert.pem 2>/dev/null
}

good; certificate /CN=a IP:10.0.0.1; bad 'names no device'
good; certificate '/CN=a b' ''; bad 'names no device'
good; certificate '/CN=a/CN=b' ''; bad 'names no device'
good; certificate /O=x ''; bad 'names no device'
good; cat phone/cert.pem phone/cert.pem phone/cert.pem phone/cert.pem \
	phone/cert.pem >bad/cert.pem; bad 'more than 4'
good
openssl req -newkey rsa:2048 -nodes -keyout bad/key.pem -subj /CN=a -x509 \
	-out bad/cert.pem 2>/dev/null
chmod 600 bad/key.pem
bad 'P-256'
good; head -c 200 phone/cert.pem >bad/cert.pem; bad 'cert.pem.*no PEM'
good; cp phone/key.pem bad/cert.pem; bad 'cert.pem.*no PEM'
good; cp phone/cert.pem bad/key.pem; chmod 600 bad/key.pem; bad 'not a PEM private'
good; head -c 100 phone/key.pem >bad/key.pem; bad 'key.pem'
good; sed -i 's/^M/N/' bad/key.pem; bad 'key.pem'
for mode in 640 604 660 666; do
	good; chmod "$mode" bad/key.pem; bad "0$mode.*chmod 600"
done
good; openssl ecparam -name secp256k1 -genkey -noout -out bad/key.pem
chmod 600 bad/key.pem; bad 'key.pem.*P-256'
good; openssl ecparam -name P-521 -genkey -noout -out bad/key.pem
chmod 600 bad/key.pem; bad 'key.pem.*P-256'
good; openssl genpkey -algorithm ed25519 -out bad/key.pem 2>/dev/null
chmod 600 bad/key.pem; bad 'key.pem.*P-256'
good; openssl ec -in phone/key.pem -aes256 -passout pass:x -out bad/key.pem 2>/dev/null
chmod 600 bad/key.pem; bad 'has a password.*--key-auth'
good; rm bad/key.pem; mkfifo bad/key.pem; chmod 600 bad/key.pem
bad 'key.pem.*not a file'
good; rm bad/key.pem; ln -s nowhere bad/key.pem; bad 'key.pem.*No such file'
good; bad 'sensor/key.pem.*not that of the certificate' --key sensor/key.pem
good; bad 'nokey' --key nokey
good; rm bad/ca.pem; bad '--pin'
good; rm bad/ca.pem; ln -s nowhere bad/ca.pem; bad 'ca.pem|--pin'
good; echo garbage >bad/ca.pem; bad 'ca.pem.*no PEM'
good; rm bad/key.pem bad/cert.pem bad/ca.pem; bad 'cert.pem'
rm -rf bad; ln -s nowhere bad; bad 'no identity'; rm bad
rm -rf bad; ln -s phone bad; expect 5 "$B/tools/blesec-connect" \
	--dir bad "unix:$T/nobody" 2>/dev/null; rm bad
# a key in the TPM, and no TPM
start_tpm
provision --tpm --no-address --name t --ca ca --dir tpm-id >/dev/null
cut_power
refused 6 'tpm-id/key.pem' "$B/tools/blesec-connect" --dir tpm-id "unix:$T/link"
refused 6 'tpm-id/key.pem' "$B/tools/blesec-serve" --dir tpm-id "unix:$T/link"
start_tpm
refused 6 'tpm-id/key.pem' "$B/tools/blesec-connect" --dir tpm-id \
	--tcti "swtpm:path=$T/nobody" "unix:$T/link"
# a key of another TPM, which refuses to load it
cut_power
rm -rf tpm
start_tpm
status=0
"$B/tools/blesec-connect" --dir tpm-id "unix:$T/link" 2>err || status=$?
[ "$status" = 6 ] || fail "with another TPM: status $status"
[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"

# addresses where nobody listens, and where it cannot listen
connect() { "$B/tools/blesec-connect" --dir phone "$@"; }
listen() { "$B/tools/blesec-serve" --dir sensor "$@"; }
refused 5 'nobody' connect "unix:$T/nobody"
refused 5 'nowhere' connect "unix:$T/nowhere/x"
refused 5 'nowhere' listen "unix:$T/nowhere/x"
touch file
refused 5 'file' connect "unix:$T/file"
refused 5 'file' listen "unix:$T/file"
[ -f file ] || fail "a file has been removed"
mkdir dir
refused 5 'dir' listen "unix:$T/dir"
serve </dev/null
refused 5 'listens there' listen "unix:$T/link"
connect "unix:$T/link" </dev/null >out
grep -q '"secured"' out
stop_serve
[ ! -e link ]
# a socket that is left over is replaced
serve </dev/null
kill -9 "$server"
wait "$server" 2>/dev/null || :
[ -S link ]
rm serve.json
serve </dev/null
await 10 grep -q listening serve.json
connect "unix:$T/link" </dev/null >out
grep -q '"secured"' out
stop_serve

for adapter in hci0 hci99; do
	if [ ! -e /sys/class/bluetooth ]; then
		refused 5 'unix:' listen "$adapter"
		refused 5 'unix:' connect --adapter "$adapter" 00:AA:01:01:00:01
	elif [ ! -e "/sys/class/bluetooth/$adapter" ]; then
		refused 5 "$adapter" listen "$adapter"
	fi
done
