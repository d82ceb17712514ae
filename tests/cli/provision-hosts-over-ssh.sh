#!/usr/bin/env bash
# time limit: 240
# Two hosts at once over a real ssh, each with a TPM of its own: provisioned,
# left alone, renewed with the same key, renamed, given a new key, with a
# session between the two. The CA decides the names, whatever the hosts ask
# for.
# shellcheck disable=SC2016 # what a host shall expand
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/hosts.sh"

ca init --dir ca --name "Example CA"
start_hosts
serial() { openssl x509 -in "hosts/$1/id/cert.pem" -noout -serial | cut -d= -f2; }
pin() { at "$1" provision --show >shown && openssl x509 -in \
	"hosts/$1/id/cert.pem" -noout -pubkey | openssl pkey -pubin -outform DER |
	openssl dgst -sha256 -binary | base64 | sed 's,^,sha256//,'; }
# each STATUS: of both, and one line of each on stderr
each() {
	local name
	[ "$(wc -l <out)" = 2 ] || fail "not two lines: $(cat out)"
	for name in sensor-7 phone-1; do
		[ "$(of "$name" ok) $(of "$name" status) $(of "$name" exit)" = \
			"true $1 0" ] || fail "$(cat out err)"
		[ "$(of "$name" pin)" = "$(pin "$name")" ] || fail "pin: $(cat out)"
		[ "$(of "$name" serial)" = "$(serial "$name")" ] ||
			fail "serial: $(cat out)"
		grep -q "^blesec-provision: \(.*@\)\?$name: $1 as $name until 20" err ||
			fail "it says $(cat err)"
	done
	[ "$(wc -l <err)" = 2 ] || fail "not two lines: $(cat err)"
}
[ -z "$(at sensor-7 provision --show)" ]
user=$(id -un)
remote --tpm --no-address -j 2 "$user@sensor-7" phone-1
each installed
[ "$(of sensor-7 host)" = "$user@sensor-7" ]
[ "$(of sensor-7 reason)" = null ]
for name in sensor-7 phone-1; do
	grep -q 'TSS2 PRIVATE KEY' "hosts/$name/id/key.pem"
	cmp "hosts/$name/id/ca.pem" ca/cacert.pem
	[ "$(stat -c %a "hosts/$name/id/key.pem")" = 600 ]
done

# a session between the two keys
BLESEC_DIR=$T/hosts/sensor-7/id \
	TPM2OPENSSL_TCTI=swtpm:path=$T/hosts/sensor-7/tpm.sock \
	"$B/tools/blesec-serve" "unix:$T/link" </dev/null >serve.json 2>serve.err &
server=$!
await 10 test -S link
echo hello | at phone-1 "$B/tools/blesec-connect" "unix:$T/link" >client.json
[ "$(jq -r 'select(.event == "secured").peer' client.json)" = sensor-7 ]
[ "$(jq -r 'select(.event == "secured").peer' serve.json)" = phone-1 ]
stop_serve

# again
before=$(state)
remote --tpm sensor-7 phone-1
each kept
[ "$(state)" = "$before" ]
for name in sensor-7 phone-1; do
	[ "$(tail -n 1 "hosts/$name/commands")" = "blesec-provision --show --tpm" ]
done

# renewed
for options in --renew '--renew-before 826'; do
	pins=$(pin sensor-7; pin phone-1)
	was=$(serial sensor-7)
	# shellcheck disable=SC2086
	remote $options sensor-7 phone-1
	each renewed
	[ "$(pin sensor-7; pin phone-1)" = "$pins" ] || fail "another key"
	[ "$(serial sensor-7)" != "$was" ] || fail "the same certificate"
done
of sensor-7 reason | grep -q 'it was about to expire, on 20'

# the names and addresses that were asked for once stay
remote --renew --address AA:BB:CC:00:00:01 sensor-7
remote --renew sensor-7
openssl x509 -in hosts/sensor-7/id/cert.pem -noout -ext subjectAltName |
	grep -q 'DNS:sensor-7, URI:urn:bdaddr:AA-BB-CC-00-00-01$'

# another name, which the CA gives; as a URI
port=$(sed -n 2p ssh.conf | cut -d' ' -f2)
printf '%s\n' 'Host other' "HostName 127.0.0.1" >>ssh.conf
remote --name other "ssh://$user@127.0.0.1:$port/"
[ "$(jq -r '[.name, .status, .reason] | @tsv' out)" = \
	"$(printf "other\trenewed\tit was named \`sensor-7'")" ] || fail "$(cat out)"
openssl x509 -in hosts/sensor-7/id/cert.pem -noout -ext subjectAltName |
	grep -q 'DNS:other'
remote "ssh://$user@127.0.0.1:$port" --name sensor-7

# a host that asks for another host's name does not get it
cat >hosts/phone-1/env <<'END'
SSH_ORIGINAL_COMMAND=${SSH_ORIGINAL_COMMAND/--csr/--csr --name sensor-7}
END
remote --renew phone-1
: >hosts/phone-1/env
[ "$(of phone-1 status)" = renewed ]
openssl x509 -in hosts/phone-1/id/cert.pem -noout -text >text
grep -q 'DNS:phone-1' text
! grep -q 'sensor-7' text || fail "the host has named itself"

# a certificate of another CA is replaced, the key stays
ca init --dir ca2 --name "Other CA"
was=$(pin phone-1)
provision --ca ca2 phone-1 >out 2>err
[ "$(of phone-1 status)" = renewed ]
[ "$(pin phone-1)" = "$was" ]
cmp hosts/phone-1/id/ca.pem ca2/cacert.pem
# two CAs there, with a request that is signed by one of them: trusted, kept
cat ca2/cacert.pem ca/cacert.pem >hosts/phone-1/id/ca.pem
provision --ca ca2 phone-1 >out 2>err
[ "$(of phone-1 status)" = kept ]

# a new key
was=$(pin sensor-7)
remote --force sensor-7
[ "$(of sensor-7 status)" = installed ]
[ "$(pin sensor-7)" != "$was" ] || fail "the same key"
[ ! -e hosts/sensor-7/id.next ]

# quoting: a directory name with every special character of the shell
odd="$T/hosts/it's \$HOME; touch x"
remote --no-tpm --name odd-1 --dir "$odd" sensor-7
[ "$(of odd-1 status)" = installed ]
same_key "$odd"
[ ! -e x ]
remote --dir "$odd" --tpm --name odd-1 sensor-7 &&
	fail "a key in a file for one in the TPM"
of odd-1 reason | grep -q -- '--force'

# by hand, in a pipe; truncated input is refused
{
	cat ca/cacert.pem
	at sensor-7 provision --csr | ca sign --dir ca --name sensor-7
} >both
before=$(state)
size=$(wc -c <both)
for n in 0 100 "$(wc -c <ca/cacert.pem)" $((size - 30)); do
	head -c "$n" both >part
	expect 3 at sensor-7 provision --install --ca - <part 2>err >out
	[ "$(state)" = "$before" ] || fail "cut at $n: changed"
done
at sensor-7 provision --install --ca - <both >out
{ tail -n +8 both; cat ca/cacert.pem; } >wrong
at sensor-7 provision --show | cmp - both
