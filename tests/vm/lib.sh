# shellcheck shell=bash
# For scenarios: a scenario is a bash script, run as root in the guest, with
#
#   S  the source tree		B  the build tree
#   T  an empty directory	HCI0, HCI1  the controllers' addresses
#
# two controllers hci0 and hci1 that hear each other, powered off and as they
# come from the kernel, and a TPM without keys at /dev/tpmrm0. It ends with 0
# when it has shown what its name says, 77 to be skipped, all else is failure;
# a fault in the kernel's log is failure too. It may ask for time with a line
# "# time limit: SECONDS". What it leaves running is killed.

export HCI0=00:AA:01:00:00:00 HCI1=00:AA:01:01:00:01

# A script that ends on an error under "set -e" says where.
if [[ $- == *e* ]]; then
	set -E
	trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: status $?: $BASH_COMMAND" >&2' ERR
fi

fail()
{
	echo "failed: $*" >&2
	exit 1
}

skip()
{
	echo "$*"
	exit 77
}

# wait_for SECONDS COMMAND...: until it succeeds; false when time is up.
wait_for()
{
	local end=$((SECONDS + $1 + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# Plug both controllers in, and out.
controllers_up()
{
	modprobe hci_vhci
	btvirt -l2 >>/run/btvirt.log 2>&1 </dev/null &
	echo $! >/run/btvirt.pid
	wait_for 10 controllers_ready
}

# The kernel has asked them all it wants to know when its own setup is over,
# and setup leaves them powered off.
controllers_ready()
{
	local info
	info=$(hciconfig hci0; hciconfig hci1)
	[[ $info == *"$HCI0"*DOWN*"$HCI1"*DOWN* ]] && [[ $info != *INIT* ]]
}

controllers_gone()
{
	! compgen -G '/sys/class/bluetooth/hci*' >/dev/null
}

controllers_down()
{
	kill "$(cat /run/btvirt.pid)" 2>/dev/null
	wait_for 10 controllers_gone
}

# btmgmt ARGUMENT...: one command of it; without a terminal it would hang.
# Not for "find": it does not print what comes before the command's own reply.
mgmt()
{
	timeout 15 script -qefc "btmgmt $*" /dev/null </dev/null
}

# Two identities: $T/sensor (with that address in its certificate) and
# $T/phone, by the CA in $T/ca. identities [--tpm]: the sensor's key in the TPM.
identities()
{
	export PATH=$B/tools:$S/scripts:$PATH BLESEC_CA=$S/scripts/blesec-ca
	cd "$T" || exit 1
	blesec-ca init --dir ca --name "Example CA"
	blesec-provision "${1:---no-tpm}" --name sensor-7 --ca ca --dir sensor \
		--address "$HCI1" >/dev/null
	blesec-provision --no-tpm --name phone-1 --ca ca --dir phone \
		--no-address >/dev/null
}

# serve [OPTION...]: blesec-serve on hci1 in the background, its stdin from
# the caller; pid in $server, output in $T/serve.json. Returns once it listens.
serve()
{
	blesec-serve --dir "$T/sensor" "$@" hci1 >"$T/serve.json" \
		2>"$T/serve.err" <&0 &
	server=$!
	wait_for 20 grep -q '"listening"' "$T/serve.json" || {
		cat "$T/serve.err" >&2
		fail "blesec-serve does not listen"
	}
}

# stop_serve: as SIGTERM does; its exit status.
stop_serve()
{
	local status=0
	kill "$server"
	wait "$server" || status=$?
	return "$status"
}

# expect STATUS COMMAND...: it ends with that exit status.
expect()
{
	local wanted=$1 status=0
	shift
	"$@" || status=$?
	[ "$status" = "$wanted" ] ||
		fail "exit status $status instead of $wanted: $*"
}
