#!/usr/bin/env bash
# On a full disk and in a directory that cannot be written, the old identity
# stays as it is and the tool says what is wrong.
set -euo pipefail
. "$S/tests/lib/own-mounts.sh"
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

make() { "$B/tools/blesec-provision" --no-tpm --no-address --name a --ca ca \
	--dir disk/id "$@"; }
state() { (cd disk/id && sha256sum ./*); }

ca init --dir ca --name "Example CA"
mkdir disk
mount -t tmpfs -o size=64k none disk
make >/dev/null
before=$(state)
provision --no-tpm --no-address --name a --dir disk/id --csr >csr
ca sign --dir ca <csr >new.pem
full=0
# from no free page to enough of them
for pages in {0..11}; do
	rm -rf disk/fill disk/id.next
	dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null || :
	truncate -s "-$((pages * 4096))" disk/fill
	status=0
	provision --dir disk/id --install <new.pem >out 2>err || status=$?
	if [ "$status" = 0 ]; then
		[ "$pages" != 0 ] || fail "all fits on a full disk"
		break
	fi
	[ "$status" = 3 ] || fail "status $status"
	grep -q 'No space left' err || fail "it says $(cat err)"
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	[ "$(state)" = "$before" ] || fail "something was lost"
	status=0
	make --force >out 2>err || status=$?
	if [ "$status" = 0 ]; then
		before=$(state)
		same_key disk/id
		provision --no-tpm --no-address --name a --dir disk/id --csr |
			ca sign --dir ca >new.pem
		continue
	fi
	grep -q 'No space left' err || fail "--force: it says $(cat err)"
	[ "$(state)" = "$before" ] || fail "something was lost by --force"
	full=$((full + 1))
done
[ "$full" -ge 2 ] || fail "the disk was never full"
[ "$status" = 0 ] || fail "it never fits"
same_key disk/id
rm disk/fill
make --force >/dev/null
same_key disk/id
before=$(state)

mount -o remount,ro disk
refused 3 'Read-only' make --force
[ "$(state)" = "$before" ]
mount -o remount,rw disk

# nor for a user who may not write there
chmod 755 "$T" disk
chown -R 65534 disk/id
chmod -R a+rX ca
if setpriv --reuid=65534 --clear-groups cat disk/id/key.pem >/dev/null; then
	before=$(state)
	refused 3 'Permission denied' setpriv --reuid=65534 --clear-groups \
		"$B/tools/blesec-provision" --no-tpm --no-address --name a \
		--ca ca --dir disk/id --force
	[ "$(state)" = "$before" ]
fi
umount disk
