#!/usr/bin/env bash
# One provisioning at a time in a directory, by a lock that only a user who may
# write there can hold: DIR.lock, which stays. A lock that a killed process
# left, or that somebody removes, blocks nobody; a file that is not our lock is
# refused with a message. No fetched CRL is lost by it.
# takes: 35 s
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/crl.sh"

unset TPM2OPENSSL_TCTI TPM2TOOLS_TCTI
make() { provision --no-tpm --no-address --name a --dir id --ca ca --force; }
# hold FILE: until held is closed by let_go
hold() {
	exec {held}<"$1"
	flock -n "$held"
}
let_go() { exec {held}<&-; }
# waits COMMAND...: it waits while FILE is held, and ends afterwards
waits() {
	(
		let_go
		"$@"
	) >waited 2>&1 &
	local waiting=$!
	sleep 1
	kill -0 "$waiting" 2>/dev/null || fail "not waited: $*: $(cat waited)"
	let_go
	wait "$waiting" || fail "$* after it: $(cat waited)"
}
# the lock stays, the same file and free, and nothing else is left
clean() {
	[ "$(stat -c %i id.lock)" = "$lock" ] && flock -n id.lock true &&
		[ ! -e id.next ] && [ ! -e id.new ]
}

ca init --dir ca --name "Example CA"
make >/dev/null
[ "$(stat -c %a:%s id.lock)" = 600:0 ] || fail "$(stat id.lock)"
lock=$(stat -c %i id.lock)
clean || fail "left over: $(ls -A . id)"

# one at a time; the wait ends with a message
mkdir apart
: >apart/late.lock
(
	cd apart
	flock 7
	start=$SECONDS
	refused 3 'late.lock. for 30 s: wait for it, or end it' \
		provision --no-tpm --no-address --name late --dir late --ca ../ca
	[ $((SECONDS - start)) -ge 29 ] || fail "not waited"
	[ ! -e late ] || fail "made without the lock"
	[ -e late.lock ] || fail "the lock of another is gone"
) 7<apart/late.lock >late.out 2>&1 &
late=$!
hold id.lock
waits make
clean || fail "left over: $(ls -A . id)"

# a lock on the directories themselves, which any reader can take, is ignored
hold .
timeout 30 bash -c 'exec "$@" >/dev/null' - "$B/tools/blesec-provision" \
	--no-tpm --no-address --name a --dir id --ca ca --force ||
	fail "it waits for the parent's lock"
let_go
hold id
timeout 30 "$B/tools/blesec-provision" --dir id --show >/dev/null ||
	fail "it waits for the directory's lock"
let_go

# a lock that a killed process left, whatever it contains
echo 1234 >id.lock
: >id/.lock
make >/dev/null
clean || fail "left over: $(ls -A . id)"
(
	umask 777
	make >/dev/null
)
clean || fail "left over: $(ls -A . id)"

# a lock removed while held: the next process can take a new one
hold id.lock
(
	let_go
	provision --dir id --show
) >/dev/null 2>waited &
waiting=$!
sleep 0.5
kill -0 "$waiting" || fail "not waited"
rm id.lock
wait "$waiting" || fail "$(cat waited)"
let_go
# and the holder of the removed lock leaves the new one alone
rm id.lock
mkfifo steps
# shellcheck disable=SC2016 # by the other shell
printf '%s\n' '#!/bin/sh' 'echo here >"$STEPS"' 'read -r _ <"$STEPS"' \
	'exec "$BY" "$@"' >slow
chmod +x slow
export STEPS=$T/steps BY=$BLESEC_CA
(
	umask 777
	BLESEC_CA=$T/slow make
) >waited 2>&1 &
waiting=$!
read -r _ <steps
# and whatever the umask is, the next one opens it
[ "$(stat -c %a id.lock)" = 600 ] || fail "mode $(stat -c %a id.lock)"
rm id.lock
: >id.lock
echo on >steps
wait "$waiting" || fail "$(cat waited)"
[ -e id.lock ] || fail "another's lock is removed"
rm id.lock

# not a lock
mkdir id.lock
refused 3 'lock .*id.lock. is not a regular file; move it away' make
rmdir id.lock
mkfifo id.lock
refused 3 'id.lock. is not a regular file' make
[ -p id.lock ] || fail "removed"
rm id.lock
ln -s elsewhere id.lock
refused 3 'id.lock. is not a regular file' make
[ ! -e elsewhere ] || fail "the symbolic link was followed"
rm id.lock
echo theirs >theirs
chmod 640 theirs
ln theirs id.lock
refused 3 'id.lock. is a file with another hard link' make
[ "$(stat -c %a theirs)" = 640 ] || fail "another file's mode is changed"
rm id.lock theirs
if [ "$(id -u)" = 0 ]; then
	: >id.lock
	chown 65534 id.lock
	refused 3 'id.lock. belongs to another user, uid 65534.*or remove it' make
	[ -e id.lock ] || fail "another's lock is removed"
	rm id.lock
	# the owner of the directory may write there, and what he left is no bar
	mkdir theirs
	: >theirs/id.lock
	chown -R 65534 theirs
	provision --no-tpm --no-address --name theirs --dir theirs/id --ca ca >/dev/null
	[ "$(stat -c %u theirs/id.lock)" = 65534 ]
fi

# a lock that root left in a user's directory does not stop that user
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
request() { nobody "$B/tools/blesec-provision" --no-tpm --no-address --name n \
	--dir served/id --csr; }
chmod 755 "$T"
if [ "$(id -u)" = 0 ] && nobody "$B/tools/blesec-provision" --help >/dev/null
then
	mkdir served
	chown 65534:65534 served
	# killed while it has the lock, and the CA with it
	BLESEC_CA=$T/slow "$B/tools/blesec-provision" --no-tpm --no-address \
		--name n --dir served/id --ca ca >waited 2>&1 &
	waiting=$!
	read -r _ <steps
	kill -9 "$waiting"
	wait "$waiting" 2>/dev/null || :
	[ "$(stat -c %u:%g served/id.lock)" = 65534:65534 ] ||
		fail "the lock stays root's"
	rm -r served/id.next
	request >/dev/null || fail "stopped by what root left"
	# killed before it could hand the lock over: it blocks until somebody
	# removes it
	rm served/id.lock
	: >served/id.lock
	chmod 600 served/id.lock
	request >waited 2>&1 &
	waiting=$!
	sleep 1
	kill -0 "$waiting" 2>/dev/null || fail "not waited: $(cat waited)"
	rm served/id.lock
	wait "$waiting" || fail "$(cat waited)"
	# one's own that cannot be opened is somebody's doing
	: >served/id.lock
	chown 65534 served/id.lock
	chmod 0 served/id.lock
	refused 3 'cannot open the lock .*id.lock.: Permission denied' request
	rm served/id.lock
fi

# CRLs are installed in DIR meanwhile, or wait
start_http
ca crl --dir ca >www/crl.pem
provision --dir id --no-address --csr | ca sign --dir ca >new.pem
# shellcheck disable=SC2016 # by the other shell
install=(bash -c 'exec "$1" --dir id --install <new.pem' - \
	"$B/tools/blesec-provision")
: >id/.lock
hold id/.lock
waits "${install[@]}"
: >id/.lock
hold id/.lock
waits "$B/tools/blesec-provision" --dir id --fetch-crl --crl-url "$url/crl.pem"
cmp id/crl.pem www/crl.pem
lock=$(stat -c %i id.lock)
clean || fail "left over: $(ls -A . id)"
for _ in {1..25}; do "${install[@]}"; done >installed 2>&1 &
waiting=$!
for n in {1..8}; do
	ca crl --dir ca >www/crl.pem
	takes installed "$url/crl.pem"
	cmp id/crl.pem www/crl.pem || fail "turn $n: the CRL is lost"
done
wait "$waiting" || fail "$(cat installed)"
[ "$(wc -l <installed)" = 25 ] || fail "$(cat installed)"
cmp id/crl.pem www/crl.pem || fail "the CRL is lost"
clean || fail "left over: $(ls -A . id)"

# where the parent cannot be written, the identity can still be shown,
# requested for again, and get its CRL
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	ca crl --dir ca >www/crl.pem
	mkdir outer
	cp -a id outer/id
	# shellcheck disable=SC2016 # by the other shell
	unshare -m bash -c 'mount --bind outer outer && cd outer &&
		mount --bind id id && mount -o remount,bind,ro . &&
		! : 2>/dev/null >new && "$1" --dir id --show >/dev/null &&
		"$1" --dir id --csr >/dev/null &&
		"$1" --dir id --fetch-crl --crl-url "$2" >/dev/null' \
		- "$B/tools/blesec-provision" "$url/crl.pem" >ro 2>&1 ||
		fail "read only: $(cat ro)"
	cmp outer/id/crl.pem www/crl.pem
	[ ! -e outer/id.lock ]
fi
wait "$late" || fail "the wait: $(cat late.out)"
