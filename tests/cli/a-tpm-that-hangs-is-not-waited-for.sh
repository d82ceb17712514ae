#!/usr/bin/env bash
# A TPM takes a command and never answers: provision and verify give up after a
# minute, --version after ten seconds, with a message, and nothing is lost.
# takes: 62 s
# time limit: 150
set -euo pipefail
. "$S/tests/lib/session.sh"
. "$S/tests/lib/tpm.sh"

start_tpm
ca init --dir ca --name "Example CA"
provision --tpm --no-address --name sensor --ca ca --dir sensor >/dev/null
before=$(cd sensor && sha256sum -- *)
kill -STOP "$tpm"
mkdir sub
declare -A pids
began=$SECONDS
"$B/tools/blesec-verify" -V >version.out 2>version.err &
pids[version]=$!
"$B/tools/blesec-verify" --dir sensor >verify.out 2>verify.err &
pids[verify]=$!
"$B/tools/blesec-provision" --csr --dir sensor >csr.out 2>csr.err &
pids[csr]=$!
"$B/tools/blesec-provision" --tpm --name new --ca ca --dir sub/new >make.out \
	2>make.err &
pids[make]=$!
for what in version verify csr make; do
	expect 7 wait "${pids[$what]}"
	grep -q 'the TPM does not answer' $what.err || fail "$(cat $what.err)"
	case $what in
	version) [ $((SECONDS - began)) -lt 50 ] || fail "too late" ;;
	*) [ $((SECONDS - began)) -ge 59 ] || fail "too early" ;;
	esac
done
grep -q OpenSSL version.out
kill -CONT "$tpm"
[ "$(cd sensor && sha256sum -- *)" = "$before" ]
[ ! -e sub/new ]
provision --csr --dir sensor >/dev/null
provision --tpm --no-address --name new --ca ca --dir new >/dev/null
