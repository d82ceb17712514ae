#!/usr/bin/env bash
# The unix: socket appears at its path only once it answers, so that a client
# may connect as soon as the file exists. This also holds where the path is too
# long for a temporary name beside it. A second server does not take the socket
# away.
set -euo pipefail
. "$S/tests/lib/session.sh"

identities
cat >slow.c <<'C'
#include <unistd.h>
#include <sys/syscall.h>

int listen(int fd, int backlog)
{
	usleep(300000);
	return (int)syscall(SYS_listen, fd, backlog);
}
C
cc -shared -fPIC -o slow.so slow.c
python3 "$S/tests/cli/a-socket-answers-once-it-is-there.py" "$T/link" \
	2>eager.err &
eager=$!
await 10 test -e ready
LD_PRELOAD=$T/slow.so ASAN_OPTIONS=${ASAN_OPTIONS-}:verify_asan_link_order=0 \
	"$B/tools/blesec-serve" --dir sensor "unix:$T/link" </dev/null \
	>serve.json 2>serve.err &
server=$!
expect 0 wait "$eager"
# no other file has a name like it
[ "$(echo link*)" = link ] || fail "$(echo link*)"
stop_serve

serve </dev/null
expect 5 "$B/tools/blesec-serve" --dir sensor "unix:$T/link" </dev/null \
	2>second.err
grep -q 'another process listens there' second.err || fail "$(cat second.err)"
connect </dev/null >connect.json
stop_serve
[ "$(echo link*)" = 'link*' ] || fail "left: $(echo link*)"

printf -v long "%s/%0$((107 - ${#T} - 1))d" "$T" 7
"$B/tools/blesec-serve" --dir sensor "unix:$long" </dev/null >long.json &
server=$!
await 10 grep -q listening long.json
"$B/tools/blesec-connect" --dir phone --peer-name sensor "unix:$long" \
	</dev/null >connect.json
stop_serve
