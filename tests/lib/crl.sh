# shellcheck shell=bash
# For tests of fetched CRLs, after tests/lib/session.sh and tpm.sh: servers on
# the files in www, and --fetch-crl.
# shellcheck source=tests/lib/pki.sh
. "$S/tests/lib/pki.sh"
unset http_proxy https_proxy HTTPS_PROXY ALL_PROXY all_proxy

# start_http [OPTION...]: $url
start_http() {
	mkdir -p www
	rm -f "$T/port"
	(cd www && exec python3 "$S/tests/lib/http_server.py" \
		--port-file "$T/port" "$@" 2>"$T/http.err") &
	await 20 test -s "$T/port"
	# shellcheck disable=SC2034 # for the tests
	url=http://127.0.0.1:$(cat "$T/port")
}

fetch() { provision --dir id --fetch-crl "$@"; }

# asked STATUS WAY/FILE [ETAG]: the last request
asked() {
	local path inm _ status
	read -r path inm _ status < <(tail -n 1 www/requests)
	[ "$path $status" = "/$2 $1" ] || fail "asked: $(tail -n 1 www/requests)"
	[ -z "${3:-}" ] || [ "$inm" = "$3" ] || fail "If-None-Match: $inm"
}

# takes WORD URL [OPTION...]: status 0, one line that says so
takes() {
	local word=$1 from=$2
	shift 2
	fetch --crl-url "$from" "$@" >out 2>err || fail "not $word: $(cat err)"
	[ ! -s err ] || fail "on stderr: $(cat err)"
	[ "$(wc -l <out)" = 1 ] || fail "not one line: $(cat out)"
	jq -e --arg w "$word" --arg u "$from" '.event == "crl" and .status == $w
		and .url == $u and .exit == 0 and (.crls | length > 0)' out \
		>/dev/null || fail "not $word: $(cat out)"
}

# leaves STATUS REGEX URL [OPTION...]: fails so, in one line each on stdout and
# stderr, and changes nothing
leaves() {
	local wanted=$1 regex=$2 from=$3 status=0 before
	shift 3
	before=$(crl_state)
	fetch --crl-url "$from" "$@" >out 2>err || status=$?
	[ "$status" = "$wanted" ] ||
		fail "status $status, not $wanted: $from: $(cat err)"
	grep -Eq -- "$regex" err || fail "no '$regex': $(cat err)"
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	jq -es --argjson s "$wanted" 'length == 1 and .[0].status == "failed"
		and .[0].exit == $s' out >/dev/null || fail "it says $(cat out)"
	[ "$(crl_state)" = "$before" ] || fail "changed: $from"
}
crl_state() { find . -path './id*' -type f -print0 | sort -z | xargs -0r sha256sum; }
