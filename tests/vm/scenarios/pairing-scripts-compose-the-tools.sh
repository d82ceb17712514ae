#!/bin/bash
# scripts/sc-oob-pair with two adapters, with the other one behind a real ssh
# server, and scripts/sc-oob-qr with pictures of QR codes.
# time limit: 120
set -eu
. "$S/tests/vm/lib.sh"

paired() # FILE WHAT
{
	[ "$(grep -c '"paired"' "$1")" = 2 ] || fail "$2: $(cat "$1" "$T/err")"
}

expect 0 sc-oob-pair >"$T/out" 2>"$T/err"
paired "$T/out" "two adapters"
forget

ip link set lo up
mkdir -p /run/sshd "$T/bin"
ssh-keygen -q -t ed25519 -N '' -f "$T/host"
ssh-keygen -q -t ed25519 -N '' -f "$T/key"
cat >"$T/sshd.conf" <<-END
	Port 2222
	ListenAddress 127.0.0.1
	HostKey $T/host
	AuthorizedKeysFile $T/key.pub
	StrictModes no
	PidFile $T/sshd.pid
	SetEnv PATH=$PATH
END
/usr/sbin/sshd -f "$T/sshd.conf" -E "$T/sshd.log"
echo "[127.0.0.1]:2222 $(cut -d' ' -f1,2 "$T/host.pub")" >"$T/known"
cat >"$T/bin/ssh" <<-END
	#!/bin/sh
	exec /usr/bin/ssh -F none -p 2222 -i $T/key -o IdentitiesOnly=yes \
		-o UserKnownHostsFile=$T/known "\$@"
END
chmod +x "$T/bin/ssh"
PATH=$T/bin:$PATH expect 0 sc-oob-pair -h 127.0.0.1 hci0 hci1 \
	>"$T/out" 2>"$T/err"
paired "$T/out" "over ssh"
grep -q 'Accepted publickey' "$T/sshd.log" || fail "no ssh"
kill "$(cat "$T/sshd.pid")"
forget

sc-oob-qr show hci0 "$T/a.png"
sc-oob-qr show hci1 "$T/b.png"
[ "$(stat -c %a "$T/a.png")" = 600 ]
sc-oob-qr show hci0 | grep -q '█████'
sc-oob-qr show hci0 "$T/a.png"
expect 0 sc-oob-qr scan hci0 "$T/b.png" >"$T/said"
grep -q "added: $HCI1" "$T/said"
expect 0 sc-oob-qr scan hci1 "$T/a.png" >/dev/null
sc-oob-qr pair hci1 >"$T/out" &
responder=$!
wait_for 10 grep -q listening "$T/out" || fail "no responder"
expect 0 sc-oob-qr pair hci0 "$HCI1" >"$T/out2"
expect 0 wait "$responder"
cat "$T/out2" >>"$T/out"
paired "$T/out" "by QR codes"
