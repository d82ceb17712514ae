#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Check what the kernel shows of the processes of blesec-serve and
# blesec-connect started by root. The processes of peers, of the key and of a
# gateway have no capability, no way to gain one, none of root's files and only
# the resources that they use. Their parent has the capabilities that its job
# needs, and a command has those of the user who started blesec-serve.
# build: gcc
# shellcheck source=tests/lib/faults.sh
. "${S:-$(cd "${0%/*}/../.." && pwd)}/tests/lib/faults.sh"
[ "$(id -u)" = 0 ] || { echo "nobody but root has any to lose" >&2; exit 77; }

sandbox=2
! grep -q __asan_init "$B/tools/blesec-serve" || sandbox=0

# The child process of a tool that has this name.
child() # TOOL NAME
{
	local pid children
	read -ra children <"/proc/${PID[$1]}/task/${PID[$1]}/children"
	for pid in "${children[@]}"; do
		[ "$(cat "/proc/$pid/comm")" != "$2" ] || echo "$pid"
	done
}

# is PID NAME VALUE: check the value in /proc/PID/status, all four if it is an
# id.
is()
{
	local got
	got=$(sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status")
	[ "${got%%[[:space:]]*}" = "$3" ] ||
		fail "$(cat "/proc/$1/comm"): $2 is $got, not $3"
}

limited() # PID NAME VALUE
{
	[ "$sandbox" = 0 ] || grep -Eq "^$2 +$3 +$3 " "/proc/$1/limits" ||
		fail "$(cat "/proc/$1/comm"): $(grep "$2" "/proc/$1/limits")"
}

powerless() # PID
{
	local set room
	for set in Inh Prm Eff Bnd Amb; do
		is "$1" "Cap$set" 0000000000000000
	done
	is "$1" NoNewPrivs 1
	is "$1" Seccomp "$sandbox"
	grep -Eq '^Max core file size +0 +0 ' "/proc/$1/limits" ||
		fail "$1 may leave a core"
	limited "$1" 'Max processes' 0
	[ "$sandbox" != 0 ] || return 0
	room=$(sed -n 's/^Max address space *\([0-9]*\) .*/\1/p' \
		"/proc/$1/limits")
	[ "$room" -lt $((256 << 20)) ] || fail "$1 may have $room octets"
}

# Root started it, so the owner of its files in /proc shows whether another
# process of its user may trace it (proc(5)).
nobody() # PID
{
	powerless "$1"
	is "$1" Uid 65534
	is "$1" Gid 65534
	is "$1" Groups ""
	[ "$(stat -c %u "/proc/$1/fd")" = 0 ] || fail "$1 is dumpable"
	limited "$1" 'Max file size' 0
	limited "$1" 'Max open files' 8
}

# CAP_DAC_OVERRIDE, _KILL, _SETGID, _SETUID and _SETPCAP; without Bluetooth no
# CAP_NET_ADMIN.
job=00000000000001e2

serve peripheral --gateway "unix:$T/nobody"
spawn connect "$B/tools/blesec-connect" --dir "$T/central" "unix:$T/serve"
wait_for 10 event connect secured || fail "not secured"
for tool in serve connect; do
	is "${PID[$tool]}" CapPrm "$job"
	is "${PID[$tool]}" CapEff "$job"
	is "${PID[$tool]}" CapBnd "$job"
	is "${PID[$tool]}" NoNewPrivs 1
	powerless "$(child $tool blesec-signer)"
	nobody "$(child $tool blesec-peer)"
done
nobody "$(child serve blesec-gateway)"
kill "${PID[connect]}"
exit_of connect 5 || fail "connect does not end"
serve_ends_well

# With a command: its process, and its parent.
rm -f "$T/serve"
spawn serve "$B/tools/blesec-serve" --dir "$T/peripheral" "unix:$T/serve" \
	-- sh -c 'cat /proc/$$/status; sleep 100'
wait_for 10 event serve listening || fail "serve does not listen"
is "${PID[serve]}" CapEff "$job"
spawn connect "$B/tools/blesec-connect" --dir "$T/central" "unix:$T/serve"
wait_for 10 grep -q nonvoluntary_ctxt "$T/connect.out" || fail "no command"
for name in CapInh CapPrm CapEff CapBnd CapAmb NoNewPrivs Uid; do
	value=$(sed -n "s/^$name:[[:space:]]*\([^[:space:]]*\).*/\1/p" \
		/proc/$$/status)
	grep -Eq "$name:(\\\\t)+$value" "$T/connect.out" ||
		fail "a command has another $name than whoever started serve"
done
nobody "$(child serve blesec-peer)"
powerless "$(child serve blesec-signer)"
kill "${PID[connect]}"
exit_of connect 5 || fail "connect does not end"
serve_ends_well

# An ordinary user has no privilege to lose.
chmod 755 "$T"
chown -R 1:1 "$T/peripheral"
chown 1 "$T"
rm -f "$T/serve"
spawn serve setpriv --reuid=1 --regid=1 --clear-groups "$B/tools/blesec-serve" \
	--dir "$T/peripheral" "unix:$T/serve"
if ! wait_for 10 event serve listening; then
	# The build tree may be nobody's to read.
	gone serve || fail "serve does not listen"
	grep -q 'Permission denied' "$T/serve.err" || fail "serve as a user"
	exit 0
fi
spawn connect "$B/tools/blesec-connect" --dir "$T/central" "unix:$T/serve"
wait_for 10 event connect secured || fail "not secured"
for name in blesec-signer blesec-peer; do
	pid=$(child serve "$name")
	is "$pid" CapEff 0000000000000000
	is "$pid" CapPrm 0000000000000000
	is "$pid" NoNewPrivs 1
	is "$pid" Seccomp "$sandbox"
	is "$pid" Uid 1
	[ "$(stat -c %u "/proc/$pid/fd")" = 0 ] || fail "$name is dumpable"
done
kill "${PID[connect]}"
exit_of connect 5 || fail "connect does not end"
serve_ends_well
