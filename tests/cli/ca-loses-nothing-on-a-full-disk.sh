#!/usr/bin/env bash
# On a full disk or one that cannot be written, one line says so, and the
# directory remains a CA that signs, revokes and can be renewed. Tries every
# other number of free pages, all with BLESEC_LONG.
# build: any
# time limit: 180
set -euo pipefail
. "$S/tests/lib/own-mounts.sh"
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/ca.sh"

openssl ecparam -name P-256 -genkey -noout -out key
openssl req -new -key key -subj /CN=a -out csr
# a full disk, from no free page to enough of them
mkdir disk
mount -t tmpfs -o size=160k none disk
ca init --dir disk/ca --name Disk
ca sign --dir disk/ca --name b <csr >b.pem
ca crl --dir disk/ca >/dev/null
state() { (cd disk/ca && find . -type f -exec sha256sum {} + | sort); }
full() { # full PAGES: that many are left
	rm -f disk/fill
	dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null || :
	truncate -s "-$(($1 * 4096))" disk/fill
}
step=2
[ -z "${BLESEC_LONG:-}" ] || step=1
for what in "sign --name c" "revoke b" crl renew; do
	worked=no
	for ((pages = 0; pages <= 24; pages += step)); do
		full "$pages"
		before=$(state)
		status=0
		# shellcheck disable=SC2086 # words
		ca ${what%% *} --dir disk/ca ${what#"${what%% *}"} <csr \
			>out 2>err || status=$?
		rm -f disk/fill
		if [ "$status" = 0 ]; then
			[ "$pages" != 0 ] || fail "$what fits on a full disk"
			worked=yes
			break
		fi
		[ "$status" = 3 ] || fail "$what: status $status: $(cat err)"
		[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
		[ "$pages" != 0 ] || [ "$(state)" = "$before" ] ||
			fail "$what has changed something"
		[ ! -e disk/ca/.next ]
		fits disk/ca/cacert.pem disk/ca/cakey.pem
		ca list --dir disk/ca >/dev/null
	done
	[ "$worked" = yes ] || fail "$what never fits: $(cat err)"
	usable disk/ca
done
mount -o remount,ro disk
before=$(state)
sign() { ca sign --dir disk/ca <csr; }
refused 3 'cannot write into' sign
refused 3 'cannot write into' ca revoke --dir disk/ca c
refused 3 'cannot write into' ca crl --dir disk/ca
refused 3 'cannot write into' ca renew --dir disk/ca --same-key
ca list --dir disk/ca | jq -e . >/dev/null
[ "$(state)" = "$before" ]
mount -o remount,rw disk
usable disk/ca
umount disk
