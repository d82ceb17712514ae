#!/usr/bin/env bash
# Neither private keys nor the password of EST are ever in an argument list, in
# the environment of a process, in what is said at -vvv or in a file that others
# can read, while an identity is made here, over ssh and by EST, is renewed and
# is used by serve and connect; whatever the umask. (The messages and secrets of
# a session: fault-secrets.)
# time limit: 240
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/hosts.sh"
. "$S/tests/lib/est.sh"

umask 0
chmod 755 "$T"
password=pass-$RANDOM$RANDOM$RANDOM
mkdir ids tmp
export TMPDIR=$T/tmp
python3 "$S/tests/lib/watch.py" "$T/watched" "$T/ids" 2>watch.err &
watch=$!
await 10 test -e watched
# say NAME COMMAND...: record its output and diagnostics
say() {
	local name=$1
	shift
	"$@" >"$name.out" 2>"$name.err" || fail "$name: $(cat "$name.err")"
}
here=(provision -vvv --no-tpm --no-address)

# here, and a new key; a request, and its installation
ca init --dir ids/ca --name "Example CA"
say here "${here[@]}" --name sensor --ca ids/ca --dir ids/sensor
cp ids/sensor/key.pem first
chmod 600 first
say anew "${here[@]}" --force --ca ids/ca --dir ids/sensor
say csr "${here[@]}" --name phone --dir ids/phone --csr
say signed ca sign --dir ids/ca <csr.out
say install "${here[@]}" --ca ids/ca --dir ids/phone --install <signed.out
say show "${here[@]}" --dir ids/phone --show

# over ssh, with the key in a file there
start_hosts
chmod 600 key host
for how in --force --renew; do
	say "ssh$how" "${here[@]}" --ca ids/ca "$how" sensor-7 phone-1
done

# by EST, with the password and then with the key
ln -s ids/ca ca
(umask 077; rm -f ca; est_files; echo "$password" >password) >est.log 2>&1
start_est --user device --password "$password"
from=("${here[@]}" --est "$url" --est-ca web/cacert.pem --dir ids/est)
say est "${from[@]}" --name est --user device --password-file password
say est-renew "${from[@]}"
stop_est

# in use, with a command for each peer
"$B/tools/blesec-serve" -vvv --dir ids/sensor "unix:$T/link" -- \
	sh -c 'env; cat; sleep 1' <&8 >serve.out 2>serve.err &
server=$!
await 10 test -S link
say connect "$B/tools/blesec-connect" -vvv --dir ids/phone --raw "unix:$T/link" <<<hello
grep -q BLESEC_PEER connect.out
stop_serve
# The watch may have missed short-lived processes.
for _ in {1..50}; do
	! grep -aq 'openssl ca .*-config' watched || break
	ca crl --dir ids/ca >/dev/null
done
kill "$watch"
wait "$watch" || fail "$(cat watch.err)"

# The watch has seen them all.
for what in 'blesec-provision .*--est ' '--install --ca -' 'blesec-ca sign' \
	'ssh .*-oPermitLocalCommand=no' 'openssl ca .*-config' \
	blesec-serve blesec-connect BLESEC_PEER 'sh -c env'; do
	grep -aq -e "$what" watched || fail "not seen: $what"
done
! grep -a 'open to others' watched || fail "a key: the above"

# what must not be seen, in every form
keys=(first ids/*/key.pem ids/ca/cakey.pem hosts/*/id/key.pem)
[ ${#keys[@]} = 7 ] || fail "keys: ${keys[*]}"
(umask 077; : >secrets)
for key in "${keys[@]}"; do
	grep -v -e '-----' "$key" | head -n 2
	openssl pkey -in "$key" -noout -text |
		sed -n '/^priv:/,/^pub:/{/^p/d;p}' | tr -d ' \n'
	echo
done >>secrets
# In one line each, with and without colons, and as base64.
python3 "$S/tests/cli/secrets-stay-where-they-are.py" "$password" >>secrets
[ "$(grep -c '^.\{16,\}$' secrets)" = $((7 * 8 + 2)) ] ||
	fail "not all secrets are known: $(wc -l <secrets)"
# The test itself gave the server its password as an argument.
grep -av 'est_server.py' watched >others
! grep -aiFf secrets others || fail "seen in a process: the above"
for log in ./*.err; do
	! grep -aiFf secrets "$log" || fail "said: $log"
done
for log in here anew csr install show ssh--force ssh--renew est est-renew \
	serve connect; do
	[ -s "$log.err" ] || [ -s "$log.out" ] || fail "$log says nothing"
	! grep -aiFf secrets "$log.out" || fail "printed: $log"
done
rm watched others
! find . -type f -perm /077 -exec grep -aliFf secrets {} + || fail "open to others"
[ -z "$(ls -A tmp)" ] || fail "left over: $(ls -A tmp)"
