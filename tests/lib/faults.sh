# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the fault tests share.  Sourced first thing by a bash script; B is the
# build directory, S the source directory.  Gives it T, a scratch directory
# with a CA and two good identities: central and peripheral.

# A test that hangs has failed.  A sanitizer takes its time.
if [ -z "${FAULT_DEADLINE:-}" ]; then
	FAULT_DEADLINE=${DEADLINE:-110}
	[ -z "${ASAN_OPTIONS+x}" ] || FAULT_DEADLINE=$((2 * FAULT_DEADLINE))
	FAULT_DEADLINE=$((FAULT_DEADLINE * ${BLESEC_TEST_SLOWNESS:-1}))
	export FAULT_DEADLINE
	exec timeout -k 2 "$FAULT_DEADLINE" bash "$0" "$@"
fi

set -u
S=${S:-$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)}
B=${B:-$S}
for tool in blesec-serve blesec-connect; do
	[ -x "$B/tools/$tool" ] || { echo "no $B/tools/$tool" >&2; exit 77; }
done
T=$(mktemp -d) || exit 1
export S B T PYTHONPATH=$S/tests/lib PYTHONDONTWRITEBYTECODE=1
declare -A PID=()

# shellcheck source=tests/lib/pki.sh
. "$S/tests/lib/pki.sh"

cleanup()
{
	local status=$? name
	trap '' TERM
	for name in "${!PID[@]}"; do
		kill "${PID[$name]}" 2>/dev/null
	done
	for name in "${!PID[@]}"; do
		exit_of "$name" 3 || kill -KILL "${PID[$name]}" 2>/dev/null
	done
	rm -rf "$T"
	exit "$status"
}
trap cleanup EXIT

# shellcheck source=tests/lib/harness.sh
. "$S/tests/lib/harness.sh"

# Print all output of all processes.
on_failure()
{
	local file
	for file in "$T"/*.out "$T"/*.err; do
		[ -s "$file" ] || continue
		echo "--- ${file##*/}"
		tail -n 20 "$file" | cut -c 1-300
	done
}

. "$S/tests/lib/sockets.sh"

# Run in the background: stdin from NAME.in (which never ends), stdout and
# stderr to NAME.out and NAME.err.
spawn() # NAME COMMAND...
{
	local name=$1
	shift
	[ -p "$T/$name.in" ] || mkfifo "$T/$name.in"
	rm -f "$T/$name.out" "$T/$name.err"
	: >"$T/$name.out"
	"$@" <>"$T/$name.in" >"$T/$name.out" 2>"$T/$name.err" &
	PID[$name]=$!
}

# Send it lines, all at once; if it has exited, they are lost.
say() # NAME LINE...
{
	cat <<<"$(printf '%s\n' "${@:2}")" 1<>"$T/$1.in"
}

gone() # NAME
{
	! kill -0 "${PID[$1]}" 2>/dev/null
}

# Wait for a spawned process to end; its exit status in $ended.
exit_of() # NAME SECONDS
{
	wait_for "$2" gone "$1" || return
	ended=0
	wait "${PID[$1]}" 2>/dev/null || ended=$?
	unset "PID[$1]"
}

# How often a tool has printed an event.
events() # NAME EVENT [KEY VALUE]
{
	local pattern="\"event\": ?\"$2\""
	[ $# -lt 4 ] || pattern+=".*\"$3\": ?\"$4\""
	grep -Ec -- "$pattern" "$T/$1.out"
}

event() # NAME EVENT [KEY VALUE]
{
	[ "$(events "$@")" -gt 0 ]
}

# Has it been printed N times?
counted() # N NAME EVENT [KEY VALUE]
{
	[ "$(events "${@:2}")" -ge "$1" ]
}

# blesec-serve at unix:$T/serve
serve() # IDENTITY [OPTION...]
{
	rm -f "$T/serve"
	spawn serve "$B/tools/blesec-serve" --dir "$T/$1" "${@:2}" \
		"unix:$T/serve"
	wait_for 20 event serve listening || fail "serve does not listen"
}

# serve is still there and ends in order, and no sanitizer has complained.
serve_ends_well()
{
	gone serve && fail "serve has ended before its time"
	kill "${PID[serve]}"
	exit_of serve 10 || fail "serve does not end"
	[ "$ended" -eq 0 ] || fail "serve exits $ended"
	sane serve
}

sane() # NAME
{
	! grep -q -e 'Sanitizer' -e 'runtime error:' "$T/$1.err" ||
		fail "$1: a sanitizer complains"
}

# A good central connects, is heard, and disconnects.
good_peer_is_served()
{
	local text="good-$RANDOM$RANDOM"
	"$S/tests/lib/blesec_peer.py" central "unix:$T/serve" "$T/central" \
		--send "$text" --count 0 >"$T/good.out" 2>&1 ||
		fail "a good central is not served"
	wait_for 20 grep -q "$text" "$T/serve.out" ||
		fail "a good central is not heard"
}

# openssl s_client with that identity through the tunnel to $T/serve; what it
# says in $T/s_client.out.
s_client() # IDENTITY [OPTION...]
{
	local id=$T/$1
	shift
	rm -f "$T/stream"
	spawn bridge "$S/tests/lib/bridge" central "unix:$T/serve" \
		--listen "$T/stream"
	wait_for 20 grep -q listening "$T/bridge.out" || fail "no bridge"
	[ ! -e "$id/cert.pem" ] ||
		set -- -cert "$id/cert.pem" -key "$id/key.pem" "$@"
	[ ! -e "$id/chain.pem" ] || set -- -cert_chain "$id/chain.pem" "$@"
	timeout 30 openssl s_client -unix "$T/stream" -alpn blesec/1 \
		-no_middlebox -ign_eof -CAfile "$T/ca/cacert.pem" "$@" \
		</dev/null >"$T/s_client.out" 2>&1
	exit_of bridge 20 || fail "the bridge does not end"
}

# openssl s_server with that identity at unix:$T/peer; what it says in
# $T/s_server.out.
s_server() # IDENTITY [OPTION...]
{
	local id=$T/$1
	shift
	rm -f "$T/stream" "$T/peer"
	[ ! -e "$id/chain.pem" ] || set -- -cert_chain "$id/chain.pem" "$@"
	spawn s_server openssl s_server -unix "$T/stream" -alpn blesec/1 \
		-no_middlebox -num_tickets 0 -naccept 1 -Verify 2 \
		-verify_return_error -CAfile "$T/ca/cacert.pem" \
		-cert "$id/cert.pem" -key "$id/key.pem" "$@"
	wait_for 20 listens "$T/stream" || fail "no s_server"
	spawn bridge "$S/tests/lib/bridge" peripheral "unix:$T/peer" \
		--connect "$T/stream"
	wait_for 20 listens "$T/peer" || fail "no bridge"
}

# The alert that a program of OpenSSL's says it got.
alert() # NAME
{
	cat "$T/$1.out" "$T/$1.err" 2>/dev/null |
		sed -n 's/.*SSL alert number \([0-9]*\).*/\1/p' | head -n 1
}

# blesec-connect to unix:$T/peer must exit with this status and close for this
# reason.
connect_fails() # STATUS REASON [OPTION...]
{
	spawn connect "$B/tools/blesec-connect" --dir "$T/central" \
		--timeout 15 "${@:3}" "unix:$T/peer"
	exit_of connect 30 || fail "connect does not end"
	[ "$ended" -eq "$1" ] || fail "connect exits $ended, not $1"
	event connect secured && fail "connect takes it for a good peer"
	event connect closed reason "$2" || fail "connect does not say $2"
	sane connect
}

# serve refuses that central with that alert, and goes on.
central_is_refused() # IDENTITY ALERT [OPTION...]
{
	local before got secured
	before=$(events serve closed reason "${REASON:-peer refused}")
	secured=$(events serve secured)
	s_client "$1" "${@:3}"
	got=$(alert s_client)
	[ "$got" = "$2" ] || fail "central $1: alert ${got:-none}, not $2"
	wait_for 20 counted $((before + 1)) serve closed reason \
		"${REASON:-peer refused}" || fail "central $1: serve does not" \
		"say ${REASON:-peer refused}"
	[ "$secured" -eq "$(events serve secured)" ] ||
		fail "central $1 is taken for a good peer"
}

# connect refuses that peripheral, with that alert.
peripheral_is_refused() # IDENTITY ALERT [CONNECT-OPTION...]
{
	local got
	s_server "$1"
	connect_fails 4 "peer refused" "${@:3}"
	wait_for 20 gone s_server || fail "s_server does not end"
	got=$(alert s_server)
	[ "$got" = "$2" ] || fail "peripheral $1: alert ${got:-none}, not $2"
}

# Run tests/cli/FILE, with serve in $T/serve.  77: this machine does not let it
# attack.
attack() # FILE [ARGUMENT...]
{
	local status=0
	timeout "$((FAULT_DEADLINE - 10))" \
		python3 "$S/tests/cli/$1" "${@:2}" \
		</dev/null >"$T/attack.out" 2>"$T/attack.err" || status=$?
	case $status in
	0) ;;
	77) tail -n 1 "$T/attack.err" >&2; exit 77 ;;
	*) fail "the attack script failed" ;;
	esac
}

# Make an identity, or fail.
identity() # NAME CA [OPTION...]
{
	pki_identity "$T/$1" "$T/$2" "${@:3}" || fail "cannot make $1"
}

make_identities()
{
	pki_ca ca && pki_identity central ca eku=clientAuth &&
		pki_identity peripheral ca eku=serverAuth
}

(cd "$T" && cached faults make_identities) ||
	fail "cannot make a CA and identities"
