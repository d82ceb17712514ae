#!/usr/bin/env bash
# time limit: 480
# Killed here or there at many moments, on a full disk, or in a directory that
# cannot be written: each host has the old identity, the new one, or a key that
# waits for its certificate, and the next run completes it.
# shellcheck disable=SC2016 # what a host shall expand
set -euo pipefail
. "$S/tests/lib/own-mounts.sh"
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"
. "$S/tests/lib/hosts.sh"

ca init --dir ca --name "Example CA"
start_hosts
# whole NAME: an identity as a set, or a key alone, or nothing
whole() {
	local id=hosts/$1/id
	[ -e "$id" ] || return 0
	grep -q 'PRIVATE KEY' "$id/key.pem" || return 1
	[ -e "$id/cert.pem" ] || {
		[ ! -e "$id/ca.pem" ]
		return
	}
	openssl verify -CAfile "$id/ca.pem" "$id/cert.pem" >/dev/null &&
		at "$1" provision --show >/dev/null
}
# quiet: nothing works on a host any more for a process that was killed
quiet() {
	local name
	! pgrep -P "$sshd" || return
	for name in sensor-7 phone-1; do
		! kill -0 "$(cat "hosts/$name/pid")" || return
	done
}
both() {
	local name
	await 20 quiet
	for name in sensor-7 phone-1; do
		whole "$name" || fail "half of an identity on $name $*"
	done
}

# the first time, and to renew: killed here
options=(--no-tpm --no-address)
early=0
for n in {0..11}; do
	how=--renew
	# The CA knows the name with the key that is removed here.
	[ "$n" -ge 6 ] || how=--force
	[ "$n" -ge 6 ] || rm -rf hosts/*/id hosts/*/id.next
	[ "$n" != 6 ] || remote "${options[@]}" --force sensor-7 phone-1
	"$B/tools/blesec-provision" --ca ca "${options[@]}" "$how" sensor-7 \
		phone-1 >out 2>/dev/null </dev/null &
	victim=$!
	sleep "$((n % 6 / 4)).$((n % 6 % 4 * 25 + 10))"
	kill -9 "$victim" 2>/dev/null || :
	wait "$victim" 2>/dev/null || :
	[ "$(wc -l <out)" = 2 ] || early=$((early + 1))
	both "at moment $n"
done
[ "$early" -gt 0 ] || fail "never killed in time"
remote "${options[@]}" sensor-7 phone-1
both
# what it had started has gone, too
gone() { ! pgrep -f "^$(command -v /usr/bin/ssh) -F $T/"; }
await 10 gone

# there: --install is killed at many moments
pins=$(jq -r .pin out | sort)
for n in {0..9}; do
	cat >hosts/sensor-7/env <<-END
		case \$SSH_ORIGINAL_COMMAND in *--install*)
			(sleep 0.0$n; kill -9 \$\$) & ;;
		esac
	END
	status=0
	remote --renew sensor-7 phone-1 || status=$?
	[ "$status" = 5 ] || [ "$status" = 0 ] || fail "status $status: $(cat err)"
	[ "$(of phone-1 status)" = renewed ]
	both "killed there at $n"
done
: >hosts/sensor-7/env
remote sensor-7 phone-1
[ "$(jq -r .pin out | sort)" = "$pins" ] || fail "another key"

# a full disk, of one
mkdir disk
mount -t tmpfs -o size=64k none disk
dir=$T/disk/id
# The CA knows the name with another key.
remote --dir "$dir" "${options[@]}" --force sensor-7
disk_state() { (cd disk/id && sha256sum ./*); }
before=$(disk_state)
dd if=/dev/zero of=disk/fill bs=4k 2>/dev/null || :
fails sensor-7 3 install 'No space left' --dir "$dir" --renew
fails sensor-7 3 csr 'No space left' --dir "$dir" --force --no-tpm
[ "$(disk_state)" = "$before" ] || fail "something was lost"
rm disk/fill
mount -o remount,ro disk
fails sensor-7 3 install 'Read-only' --dir "$dir" --renew
[ "$(disk_state)" = "$before" ] || fail "something was lost"
mount -o remount,rw disk

# a directory of somebody else
chmod 755 "$T" disk
cat >hosts/sensor-7/env <<'END'
SSH_ORIGINAL_COMMAND="setpriv --reuid=65534 --clear-groups $SSH_ORIGINAL_COMMAND"
END
if setpriv --reuid=65534 --clear-groups "$B/tools/blesec-provision" --help >/dev/null; then
	fails sensor-7 3 show 'Permission denied; --sudo may help' --dir "$dir"
	fails sensor-7 3 csr 'Permission denied; --sudo may help' --no-tpm \
		--dir "$T/disk/new"
fi
[ "$(disk_state)" = "$before" ] || fail "something was lost"
umount disk
