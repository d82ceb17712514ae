#!/usr/bin/env bash
# Over 60 reloads, 200 with BLESEC_LONG, with a peer there that talks all the
# time, each with another certificate and key file, half of them with another
# key, blesec-serve has no more descriptors, processes and memory than before,
# and no message is lost.
# build: gcc
# time limit: 120
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/reload.sh"
. "$S/tests/lib/pki.sh"

pki_ca ca
for name in sensor phone; do pki_identity $name ca; done
cp -a sensor one
pki_identity two ca name=sensor keyfile=one/key.pem
pki_identity three ca name=sensor
sets=(one two three two)

descriptors() { find "/proc/$server/fd" -mindepth 1 | wc -l; }
memory() { sed -n 's/^RssAnon:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$server/status"; }
# reloads N
done_so_far=0
reloads() {
	local i
	for ((i = 0; i < $1; i++)); do
		cp "${sets[i % 4]}"/{key,cert}.pem sensor/
		hangup
		done_so_far=$((done_so_far + 1))
		until has_events reloaded $done_so_far; do sleep 0.01; done
	done
	await 10 one_signer
}

serve </dev/null
while [ ! -e enough ]; do
	echo '"still here"'
	sleep 0.02
done | tee said | "$B/tools/blesec-connect" --dir phone "unix:$T/link" \
	>talks.json 2>talks.err &
talks=$!
await 10 grep -q '"secured"' talks.json
reloads 20
fds=$(descriptors) kb=$(memory)
reloads $((${BLESEC_LONG:+140} + 60))
[ "$(descriptors)" = "$fds" ] || fail "$(descriptors) descriptors, not $fds"
# A TLS context is 300 kB. A sanitizer's own memory does not count.
nm -D "$B/tools/blesec-serve" >symbols
grown=$(($(memory) - kb))
grep -q __asan symbols || [ "$grown" -lt 1024 ] || fail "$grown kB more"
echo "$grown kB more"
touch enough
expect 0 wait "$talks"
grep -q '"reason":"done"' talks.json
[ "$(events message)" = "$(wc -l <said)" ] || fail "messages are lost"
stop_serve
