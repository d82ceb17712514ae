#!/usr/bin/env bash
# Without a TPM, an error names --no-tpm. If the TPM goes away, the status is
# 6, and the server serves again once it is back.
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

ca init --dir ca --name "Example CA"
export TPM2OPENSSL_TCTI=swtpm:path=$T/nobody TPM2TOOLS_TCTI=swtpm:path=$T/nobody
for option in "" --tpm; do
	expect 6 provision ${option:+"$option"} --name a --ca ca \
		--dir none 2>err
	grep -q -- --no-tpm err
	[ ! -e none ]
done
start_tpm
provision --tpm --no-address --name sensor --ca ca --dir sensor >/dev/null
provision --no-tpm --no-address --name phone --ca ca --dir phone >/dev/null
cut_power
refused 6 'TPM' "$B/tools/blesec-serve" --dir sensor "unix:$T/link"
refused 6 'TPM' "$B/tools/blesec-connect" --dir sensor "unix:$T/link"
start_tpm
serve </dev/null
expect 0 connect </dev/null >out
grep -q '"secured"' out
cut_power
status=0
connect </dev/null >out 2>/dev/null || status=$?
[ "$status" != 0 ]
await 10 grep -q '"reason":"tpm"' serve.json
start_tpm
once_more() { connect </dev/null >out; }
await 10 once_more
grep -q '"secured"' out
stop_serve
