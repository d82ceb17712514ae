# shellcheck shell=bash
# For tests of blesec-serve that takes a new identity, after
# tests/lib/session.sh.
# shellcheck disable=SC2154 # $server and more are set there

ca() { BLESEC_CA=$S/scripts/blesec-ca "$S/scripts/blesec-ca" "$@"; }
provision() { BLESEC_CA=$S/scripts/blesec-ca "$B/tools/blesec-provision" "$@"; }

# peer NAME DIR: connected until blesec-serve ends; NAME.json, and $client.
# shellcheck disable=SC2034 # the tests use that
peer() {
	"$B/tools/blesec-connect" --dir "$2" "unix:$T/link" <&8 >"$1.json" \
		2>"$1.err" &
	client=$!
	await 20 grep -q '"secured"' "$1.json"
}

hangup() { kill -HUP "$server"; }

# renew DIR [OPTION...]: a certificate for the same key
renew() {
	local dir=$1
	shift
	provision --dir "$dir" --csr | ca sign --dir ca "$@" |
		provision --dir "$dir" --install --ca ca >/dev/null
}

# events NAME: so many
events() { grep -c "\"event\":\"$1\"" serve.json || :; }
has_events() { [ "$(events "$1")" -ge "$2" ]; }

# told N FILTER: the last reloaded event is the Nth, and matches
told() {
	await 20 has_events reloaded "$1"
	[ "$(events reloaded)" = "$1" ] || fail "more than $1: $(cat serve.json)"
	last "$2"
}

is_last() {
	jq -es 'map(select(.event == "reloaded"))[-1] | '"$1" serve.json \
		>/dev/null
}

# last FILTER: a reloaded event that is so comes last
last() { await 20 is_last "$1"; }

# refused N [REGEX]: N sets were refused, each in one line, the last as REGEX
refused() {
	await 20 has_events not_reloaded "$1"
	[ "$(events not_reloaded)" = "$1" ] || fail "not $1: $(cat serve.json)"
	[ "$(grep -c 'stays in use' serve.err || :)" = "$1" ] ||
		fail "not $1 lines: $(cat serve.err)"
	[ $# = 1 ] || grep 'stays in use' serve.err | tail -n 1 |
		grep -Eq -- "$2" || fail "no '$2': $(cat serve.err)"
}

# seen NAME [PIN]: a new connection sees this name and pin
seen() {
	"$B/tools/blesec-connect" --dir phone --peer-name "$1" "unix:$T/link" \
		</dev/null >seen.json 2>seen.err || fail "$(cat seen.err)"
	[ $# = 1 ] || jq -es --arg pin "$2" 'map(select(.event == "secured"))[0] |
		.pin == $pin' seen.json >/dev/null || fail "not $2: $(cat seen.json)"
}

signers() { pgrep -c -P "$server" blesec-signer || :; }
one_signer() { [ "$(signers)" = 1 ]; }
