#!/bin/bash
# ssh reaches a real sshd through blesec-connect --raw and "blesec-serve -- nc",
# and sends a file of 1 MiB (with check --long 10 MiB) there and back.
# takes: 25 s
# time limit: 900
set -eu
. "$S/tests/vm/lib.sh"

identities
ssh_server
serve -- busybox nc 127.0.0.1 2222
over()
{
	ssh -F "$T/ssh.conf" -o ProxyCommand="blesec-connect -v --raw \
		--dir $T/phone --adapter hci0 $HCI1" "$@"
}
mib=1
[ -z "${BLESEC_LONG:-}" ] || mib=10
head -c $((mib * 1048576)) /dev/urandom >"$T/file"
[ "$(over sensor-7 "expr 6 '*' 7")" = 42 ] || fail "$(cat "$T/serve.err")"
began=$SECONDS
there=$(over sensor-7 sha256sum <"$T/file")
[ "$there" = "$(sha256sum <"$T/file")" ] || fail "there: $there"
echo "$mib MiB there in $((SECONDS - began)) s"
began=$SECONDS
over sensor-7 cat "$T/file" | cmp - "$T/file"
echo "and back in $((SECONDS - began)) s"
grep -c 'Accepted publickey' "$T/sshd.log" | grep -qx 3
stop_serve
