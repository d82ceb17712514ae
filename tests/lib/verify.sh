# shellcheck shell=bash
# For tests of blesec-verify, after tests/lib/session.sh and tests/lib/pki.sh.

verify() { "$B/tools/blesec-verify" "$@"; }

# failed_checks FILE: the failed checks of a verdict, sorted, in one line
failed_checks() {
	jq -r '[.checks[] | select(.ok == false) | .check] | sort | join(" ")' \
		"$1"
}

# good ARGUMENT...: status 0, all is good, nothing on stderr.
good() {
	local status=0
	verify "$@" >out.json 2>err || status=$?
	[ "$status" = 0 ] || fail "status $status: $*: $(cat out.json err)"
	jq -es 'length > 0 and all(.ok)' out.json >/dev/null ||
		fail "not ok: $*: $(cat out.json)"
	[ ! -s err ] || fail "on stderr: $(cat err)"
}

# bad STATUS CHECKS REGEX ARGUMENT...: exactly these checks fail, and the
# reason of one of them matches.
bad() {
	local wanted=$1 checks=$2 regex=$3 status=0
	shift 3
	verify "$@" >out.json 2>err || status=$?
	[ "$status" = "$wanted" ] ||
		fail "status $status, not $wanted: $*: $(cat out.json err)"
	[ "$(failed_checks out.json)" = "$checks" ] ||
		fail "not '$checks': $*: $(failed_checks out.json)"
	jq -r '.checks[] | select(.ok == false).reason' out.json |
		grep -Eq -- "$regex" || fail "no '$regex': $*: $(cat out.json)"
	jq -e '.ok == false' out.json >/dev/null || fail "ok: $*"
}
