#!/usr/bin/env bash
# A TPM is slow, fails once, hangs, or is in lockout. A tool that needs its
# signature waits, or says so and exits 6. Other sessions go on, and the next
# one works as soon as the TPM does.
# takes: 30 s
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

start_tpm
ca init --dir ca --name "Example CA"
provision --tpm --no-address --name sensor --ca ca --dir sensor >/dev/null
provision --no-tpm --no-address --name phone --ca ca --dir phone >/dev/null
: >orders
"$S/tests/lib/tpm_proxy" "$T/slow" "$T/tpm.sock" "$T/orders" &
await 10 listens "$T/slow"
await 10 listens "$T/slow.ctrl"
export TPM2OPENSSL_TCTI=swtpm:path=$T/slow

# session: a session of phone with sensor, on the running server
session() { "$B/tools/blesec-connect" --dir phone "unix:$T/link" </dev/null >out 2>err; }
closed() { jq -r 'select(.event == "closed").reason' "$1" | tail -n 1; }
said() { [ "$(jq -s --arg reason "$2" 'map(select(.event == "closed" and
	.reason == $reason)) | length' "$1")" -ge "$3" ]; }

serve --timeout 4 </dev/null
# It takes not much longer than the TPM does; meanwhile another session gets
# its lines.
"$B/tools/blesec-connect" --dir phone "unix:$T/link" <never >watch 2>&1 &
watch=$!
await 20 grep -q '"secured"' watch
for delay in 0.035 0.2 0.6; do
	echo "delay $delay" >orders
	expect 0 session
	jq -se --argjson d "$delay" 'map(select(.event == "secured"))[0].handshake
		| .ms >= 1000 * $d and .ms < 1000 * $d + 3000' out >/dev/null ||
		fail "$delay: $(cat out)"
	[ "$delay" = 0.035 ] || jq -se --argjson d "$delay" '
		map(select(.event == "secured"))[-1].handshake.sign_ms >=
		1000 * $d' serve.json >/dev/null || fail "$delay: $(tail -n 3 serve.json)"
done
echo "delay 2.5" >orders
session &
slow=$!
sleep 0.1
echo "meanwhile" >&8
await 2 grep -q '"meanwhile"' serve.json
kill -0 "$slow" || fail "the slow one is not slow"
expect 0 wait "$slow"

# The TPM fails once; a warning (TPM 2.0 Part 2, 6.6.3) is tried again.
for code in 0x101 0x921; do
	before=$(jq -s 'map(select(.reason == "tpm")) | length' serve.json)
	echo "fail $code" >orders
	expect 5 session
	grep -q 'the peer reports an internal error' err
	await 20 said serve.json tpm $((before + 1))
	expect 0 session
done
grep -q 'does not sign.*the TPM' serve.err
for code in 0x922 0x908; do
	echo "fail $code 2" >orders
	expect 0 session
	[ ! -s orders ]
done

# The TPM hangs: nobody waits longer than the timeout, or longer than it hangs.
echo "delay 8" >orders
expect 5 session
await 20 grep -q 'does not sign in time' serve.err
: >orders
await 30 session
kill -0 "$watch" || fail "the other session has ended"
echo "and after" >&8
await 20 grep -q '"and after"' serve.json
# Shutdown does not wait for it either.
echo "delay 30" >orders
session &
slow=$!
sleep 0.5
start=$SECONDS
stop_serve
[ $((SECONDS - start)) -le 15 ] || fail "it ends after $((SECONDS - start)) s"
wait "$slow" || :
wait "$watch" || :
[ "$(closed watch)" = "peer closed" ]

# The same for a central whose key is in the TPM.
"$B/tools/blesec-serve" --dir phone "unix:$T/link" </dev/null >serve.json 2>serve.err &
server=$!
await 10 grep -q listening serve.json
central() { # DIR: the one with the TPM
	"$B/tools/blesec-connect" --dir "$1" --timeout 4 "unix:$T/link" \
		</dev/null >out 2>err
}
echo "delay 0.6" >orders
expect 0 central sensor
jq -se 'map(select(.event == "secured"))[0].handshake.sign_ms >= 600' out >/dev/null
echo "fail 0x101" >orders
expect 6 central sensor
[ "$(closed out)" = tpm ]
grep -q 'does not sign' err
expect 0 central sensor
echo "delay 30" >orders
start=$SECONDS
expect 6 central sensor
[ $((SECONDS - start)) -le 15 ] || fail "it ends after $((SECONDS - start)) s"
grep -q 'in time' err
: >orders

# Lockout: a key that another program made has no noDA, and a loss of power
# counts as a failure.
export TPM2OPENSSL_TCTI=$TPM2TOOLS_TCTI
# Flush what killed processes had loaded: there is no resource manager here.
tpm2_flushcontext -Q -t
openssl genpkey -quiet -provider tpm2 -provider default \
	-propquery '?provider=tpm2' -algorithm EC -pkeyopt group:P-256 \
	-out foreign.pem 2>/dev/null
openssl req -new -provider tpm2 -provider default -propquery '?provider=tpm2' \
	-key foreign.pem -subj /CN=foreign -out foreign.csr
mkdir -m 700 foreign
cp foreign.pem foreign/key.pem
chmod 600 foreign/key.pem
cp ca/cacert.pem foreign/ca.pem
ca sign --dir ca --name foreign <foreign.csr >foreign/cert.pem
for ((cuts = 0; cuts < 8; cuts++)); do
	central foreign || break
	cut_power
	start_tpm
done
[ "$cuts" -lt 8 ] || fail "never locked out"
status=0
central foreign || status=$?
[ "$status" = 6 ] || fail "in lock-out: status $status: $(cat err)"
grep -qi 'lockout' err || fail "lock-out is not named: $(cat err)"
tpm2_dictionarylockout -Q -c
expect 0 central foreign
stop_serve
