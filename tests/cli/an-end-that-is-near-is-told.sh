#!/usr/bin/env bash
# A certificate that expires within 30 days is reported by an event and a
# warning: serve and connect each report their own. A certificate that lasts
# longer is not reported.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
"$B/tools/blesec-provision" --dir phone --csr |
	"$S/scripts/blesec-ca" sign --dir ca --days 12 |
	"$B/tools/blesec-provision" --dir phone --install >/dev/null
serve </dev/null
connect </dev/null >connect.json 2>connect.err
jq -es 'map(select(.event == "expires"))[0] | .dir == "phone" and (.days_left | . == 11 or . == 12) and
	(.not_after | fromdate) - now <= 12 * 86400' connect.json >/dev/null ||
	fail "$(cat connect.json)"
grep -q "the certificate in .phone. is good until 20.*: 1[12] days" connect.err
! grep -q '"expires"' serve.json || fail "$(cat serve.json)"
! grep -q 'good until' serve.err || fail "$(cat serve.err)"
stop_serve

"$B/tools/blesec-provision" --dir sensor --csr |
	"$S/scripts/blesec-ca" sign --dir ca --days 29 |
	"$B/tools/blesec-provision" --dir sensor --install >/dev/null
serve --raw -v </dev/null
grep -q 'expires {"dir":"sensor".*"days_left":2[89]}' serve.err
[ ! -s serve.json ] || fail "$(cat serve.json)"
connect --raw </dev/null
wait "$server"
