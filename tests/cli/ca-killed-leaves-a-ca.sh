#!/usr/bin/env bash
# blesec-ca is killed at any moment, or runs twice at once: the directory
# remains a CA that signs, revokes and can be renewed, and no serial number
# repeats. Tries every fourth moment, all with BLESEC_LONG.
# build: any
# takes: 65 s
# time limit: 600
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/ca.sh"

openssl ecparam -name P-256 -genkey -noout -out key
openssl req -new -key key -subj /CN=a -out csr
# moments N: 1 to N, or some of them from the first to the last
moments() {
	local step=4
	[ -z "${BLESEC_LONG:-}" ] || step=1
	seq 1 $step "$1"
}
# killed AFTER_MS ARGUMENT...
killed() {
	local victim ms=$1
	shift
	"$S/scripts/blesec-ca" "$@" <csr >/dev/null 2>&1 &
	victim=$!
	sleep "$(printf '%d.%03d' $((ms / 1000)) $((ms % 1000)))"
	kill -9 "$victim" 2>/dev/null || :
	wait "$victim" 2>/dev/null || :
}

# a process that holds the lock until the end of this test
ca init --dir held --name Held
flock held/openssl.cnf sh -c 'touch holding; exec sleep 900' &
holder=$!
await 10 test -e holding
ca sign --dir held <csr >held.out 2>held.err &
waiting=$!
began=$SECONDS

# init
for n in $(moments 10); do
	rm -rf first
	killed $((n * 30)) init --dir first --name First
	[ -e first/cacert.pem ] || ca init --dir first --name First 2>/dev/null ||
		[ -d first/.commit ] || [ -e first/cacert.pem ] ||
		fail "init at moment $n"
	usable first
done
for n in $(moments 6); do
	rm -rf two
	killed $((n * 150)) init --dir two --name Root --intermediate Leafs
	[ -e two/cacert.pem ] ||
		ca init --dir two --name Root --intermediate Leafs 2>/dev/null ||
		[ -e two/cacert.pem ] || fail "init at moment $n"
	usable two
done

# the other commands
for n in $(moments 10); do
	ca sign --dir first --name "k$n" <csr >/dev/null
	killed $((n * 30)) revoke --dir first "k$n"
	usable first
	# the next run completes it
	ca revoke --dir first "k$n"
	[ "$(ca list --dir first | jq -r "select(.name == \"k$n\").status")" = revoked ]
	killed $((n * 25)) crl --dir first
	usable first
done
for n in $(moments 10); do
	killed $((n * 50)) renew --dir first
	usable first
	[ ! -d first/previous ] || killed $((n * 20)) \
		renew --dir first --finish --force
	usable first
	[ ! -d first/previous ] || ca renew --dir first --finish --force
done
for n in $(moments 6); do
	killed $((n * 250)) renew --dir two --root
	usable two
	# a half-done change is completed
	ca renew --dir two --root 2>/dev/null || :
	usable two
	killed $((n * 100)) renew --dir two --root --finish --force
	usable two
	ca renew --dir two --root --finish --force 2>/dev/null || :
	cmp two/ca.pem two/root/ca.pem
	[ ! -d two/root/previous ] || fail "not finished"
done

# openssl ca, between its two renames
mv first/index.txt first/index.txt.new
usable first

# two at once
ca init --dir both --name Both
for n in {1..6}; do
	ca sign --dir both --name "n$n" <csr >/dev/null &
	waits[n]=$!
done
for n in {1..6}; do wait "${waits[n]}"; done
for n in {1..6}; do
	ca revoke --dir both "n$n" &
	waits[n]=$!
done
for n in {1..6}; do wait "${waits[n]}"; done
[ "$(ca list --dir both --revoked | wc -l)" = 6 ]
[ "$(openssl crl -in both/crl.pem -noout -text | grep -c 'Serial Number')" = 6 ]
ca init --dir race --name Race 2>/dev/null &
waits[1]=$!
ca init --dir race --name Race 2>/dev/null &
waits[2]=$!
won=0
for n in 1 2; do
	if wait "${waits[n]}"; then won=$((won + 1)); fi
done
[ "$won" = 1 ] || fail "$won of two have made a CA"
usable race

status=0
wait "$waiting" || status=$?
[ "$status" = 3 ] || fail "status $status, with the lock held"
grep -q 'another blesec-ca has been working in `held' held.err
[ "$((SECONDS - began))" -ge 59 ]
kill "$holder"
