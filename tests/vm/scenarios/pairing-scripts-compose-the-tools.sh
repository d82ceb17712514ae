#!/bin/bash
# scripts/sc-oob-pair with two local adapters and with one behind a real ssh
# server, and scripts/sc-oob-qr with pictures of QR codes.
# takes: 25 s
# time limit: 400
set -eu
. "$S/tests/vm/lib.sh"

paired() # FILE WHAT
{
	[ "$(grep -c '"paired"' "$1")" = 2 ] || fail "$2: $(cat "$1" "$T/err")"
}

expect 0 sc-oob-pair >"$T/out" 2>"$T/err"
paired "$T/out" "two adapters"
# Pair again while the keys still exist: neither side is left waiting.
expect 8 sc-oob-pair >"$T/out" 2>"$T/err"
grep -q "on both devices: blesec-oob unpair hci0 $HCI1" "$T/err"
wait_for 3 sh -c '! pgrep -x blesec-oob' || fail "a responder is left"
forget

ssh_server
mkdir "$T/bin"
printf '#!/bin/sh\nexec ssh -F %s "$@"\n' "$T/ssh.conf" >"$T/bin/ssh"
sed -i "s,exec ssh,exec $(command -v ssh)," "$T/bin/ssh"
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
rm "$T/out"
sc-oob-qr pair hci1 >"$T/out" &
responder=$!
wait_for 10 holds "$T/out" listening || fail "no responder"
expect 0 sc-oob-qr pair hci0 "$HCI1" >"$T/out2"
expect 0 wait "$responder"
cat "$T/out2" >>"$T/out"
paired "$T/out" "by QR codes"
