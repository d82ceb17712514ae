# shellcheck shell=bash
# For tests of sessions over unix: two identities without a TPM, and
# blesec-serve on $T/link in the background.
# shellcheck disable=SC2034 # the tests use what is set here
T=$(mktemp -d)
cd "$T" || exit
server=
# An input without an end, and nothing in it.
mkfifo never
exec 8<>never
# shellcheck source=tests/lib/harness.sh
. "$S/tests/lib/harness.sh"

clean_up() {
	local pids
	exec 8>&-
	mapfile -t pids < <(jobs -p)
	if [ ${#pids[@]} -gt 0 ]; then
		kill "${pids[@]}" 2>/dev/null || :
		# One that a test has stopped does not end before it goes on.
		kill -CONT "${pids[@]}" 2>/dev/null || :
	fi
	wait 2>/dev/null || :
	# What was started elsewhere may be at work in it for a moment yet.
	rm -rf "$T" 2>/dev/null || { sleep 1; rm -rf "$T"; }
}
trap clean_up EXIT
# What failed, where nothing else says so.
trap 'echo "line $LINENO: $BASH_COMMAND" >&"$HARNESS_STDERR"' ERR

. "$S/tests/lib/sockets.sh"

make_identities() {
	"$S/scripts/blesec-ca" init --dir ca --name "Example CA" || return
	local name
	for name in sensor phone; do
		BLESEC_CA=$S/scripts/blesec-ca "$B/tools/blesec-provision" \
			--no-tpm --no-address --name "$name" --ca ca \
			--dir "$name" >/dev/null || return
	done
}

identities() { cached identities make_identities; }

# serve [OPTION...] [-- COMMAND...]: stdin from the caller.
serve() {
	arguments "$@"
	"$B/tools/blesec-serve" --dir sensor "${arguments[@]}" \
		<&0 >serve.json 2>serve.err &
	server=$!
	await 20 test -S link
}

# connect [OPTION...] [-- COMMAND...]: to the end; start_connect: in the
# background, $client.
connect() {
	arguments "$@"
	"$B/tools/blesec-connect" --dir phone "${arguments[@]}"
}

start_connect() {
	arguments "$@"
	"$B/tools/blesec-connect" --dir phone "${arguments[@]}" <&0 &
	client=$!
}

# The address goes between the options and the command.
arguments() {
	arguments=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		arguments+=("$1")
		shift
	done
	arguments+=("unix:$T/link" "$@")
}

stop_serve() {
	local status=0
	kill "$server"
	wait "$server" || status=$?
	[ "$status" = 0 ] || fail "serve: status $status: $(cat serve.err)"
}
