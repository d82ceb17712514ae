# shellcheck shell=bash
# For scenarios: a scenario is a bash script, run as root in the guest, with
#
#   S  the source tree		B  the build tree
#   T  an empty directory	HCI0, HCI1  the controllers' addresses
#
# two controllers hci0 and hci1 that hear each other, powered off and as they
# come from the kernel, and a TPM without keys at /dev/tpmrm0. It exits with 0
# if it has shown what its name says, with 77 to be skipped; any other status is
# a failure, as is a fault in the kernel's log. It may ask for time with a line
# "# time limit: SECONDS". What it leaves running is killed.

export HCI0=00:AA:01:00:00:00 HCI1=00:AA:01:01:00:01
export PATH=$B/tools:$S/scripts:$PATH BLESEC_CA=$S/scripts/blesec-ca

# A script that ends on an error under "set -e" says where.
if [[ $- == *e* ]]; then
	set -E
	trap 'echo "${BASH_SOURCE[0]##*/}:$LINENO: status $?: $BASH_COMMAND" >&2' ERR
fi

# shellcheck source=tests/lib/harness.sh
. "$S/tests/lib/harness.sh"

# The tests' Python, compiled once in each boot.
export PYTHONPATH=$S/tests/lib PYTHONPYCACHEPREFIX=/run/pycache

# The harness's wait_for, in growing steps, without a process: even sleep takes
# 30 ms to start here. An emulated guest gets three times the seconds.
exec {LIB_PAUSE}<> <(:)
wait_for()
{
	local step=10 end=$((SECONDS + 3 * $1 * ${BLESEC_TEST_SLOWNESS:-1} + 1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || return 1
		pause "0.$step"
		[ "$step" -ge 30 ] || step=$((step + 2))
	done
}

# pause SECONDS: sleep(1) without a process.
pause()
{
	read -rt "$1" -u "$LIB_PAUSE" || :
}

# holds FILE TEXT: grep(1) for a part of a line, without a process.
holds()
{
	local all=''
	IFS= read -rd '' all 2>/dev/null <"$1" || :
	[[ $all == *"$2"* ]]
}

# ended PID: it no longer runs.
ended()
{
	! kill -0 "$1" 2>/dev/null
}

# controllers_up [N]: plug in N controllers, by default both. On a very busy
# machine the kernel may give one up before it has answered.
controllers_up()
{
	local try
	modprobe hci_vhci
	# Load the modules that btvirt computes with: on a slow guest that takes
	# longer than the kernel waits for a controller that is already there.
	python3 -c '
import socket
for what in ("skcipher", "ecb(aes)"), ("hash", "cmac(aes)"):
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).bind(what)'
	for try in 1 2 3; do
		btvirt "-l${1:-2}" >>/run/btvirt.log 2>&1 </dev/null &
		echo $! >/run/btvirt.pid
		! wait_for $((10 + ${1:-2})) controllers_ready "${1:-2}" || return 0
		echo "controllers: try $try failed" >&2
		controllers_down
	done
	return 1
}

# When the kernel's own setup is over, it has asked the controllers everything
# and leaves them powered off.
controllers_ready()
{
	local i info address
	# cheaper than asking for one that does not exist yet
	[ -e "/sys/class/bluetooth/hci$(($1 - 1))" ] || return
	info=$(hciconfig -a)
	for ((i = 0; i < $1; i++)); do
		printf -v address '00:AA:01:%02X:00:%02X' "$i" "$i"
		[[ $info == *"$address"*DOWN* && $info != *INIT* ]] || return
	done
}

controllers_gone()
{
	! compgen -G '/sys/class/bluetooth/hci*' >/dev/null
}

controllers_down()
{
	kill "$(cat /run/btvirt.pid)" 2>/dev/null || :
	wait_for 10 controllers_gone
}

# controllers_four: four of them instead of two; HCI2 and HCI3.
controllers_four()
{
	export HCI2=00:AA:01:02:00:02 HCI3=00:AA:01:03:00:03
	controllers_down
	controllers_up 4
}

# cut_links [ADAPTER...]: end the links of these adapters, by default all, as if
# out of range; returns when none is left.
cut_links()
{
	local adapter handle
	[ $# -gt 0 ] || set -- /sys/class/bluetooth/hci?
	for adapter; do
		adapter=${adapter##*/}
		hcitool -i "$adapter" con |
			sed -n 's/.* handle \([0-9]*\) .*/\1/p' |
			while read -r handle; do
				hcitool -i "$adapter" ledc "$handle" || :
			done
	done >/dev/null 2>&1
	wait_for 10 no_links
}

no_links()
{
	# An established link has a directory there; only hcitool shows one that
	# is being made.
	! compgen -G '/sys/class/bluetooth/hci*:*' >/dev/null &&
		[[ $(hcitool con) != *handle* ]]
}

# seen ADAPTER: it sees hci1 advertised. The emulator reports an advertiser once,
# when a scan starts: hcitool, which opens its socket then, can miss it.
seen()
{
	local try
	for try in {1..6}; do
		hciconfig "$1" down
		hciconfig "$1" up
		timeout -s INT 3 hcitool -i "$1" lescan >"$T/scan" 2>&1 || :
		! grep -q "^$HCI1" "$T/scan" || return 0
	done
	echo "not in $try scans"
	return 1
}

# btmgmt ARGUMENT...: one command of it; without a terminal it would hang.
# Not for "find": it does not print what comes before the command's own reply.
mgmt()
{
	timeout 60 script -qefc "btmgmt $*" /dev/null </dev/null
}

# Two identities: $T/sensor (with that address in its certificate) and
# $T/phone, by the CA in $T/ca. identities [--tpm]: the sensor's key in the TPM.
identities()
{
	cd "$T" || exit 1
	cp -r --preserve=mode /vmout/identities/{ca,sensor,phone} .
	[ $# = 0 ] || blesec-provision "$1" --name sensor-7 --ca ca --dir sensor \
		--address "$HCI1" --force >/dev/null
}

# attacker: make the attacker's identities: $T/insider, of the same CA, and
# $T/evil-sensor-7 and $T/evil-phone-1, of their own CA $T/evil, for the address
# of $HCI2.
attacker()
{
	cp -r --preserve=mode /vmout/identities/attacker/. "$T"
}

# serve [OPTION...] [-- COMMAND...]: blesec-serve on hci1 in the background, its stdin from
# the caller; pid in $server, output in $T/serve.json. Returns once it listens.
serve()
{
	local options=()
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	# do not mistake the last one's output for this one's
	rm -f "$T/serve.json"
	blesec-serve --dir "$T/sensor" "${options[@]}" hci1 "$@" \
		>"$T/serve.json" 2>"$T/serve.err" <&0 &
	server=$!
	wait_for 30 holds "$T/serve.json" '"listening"' || {
		cat "$T/serve.err" >&2
		fail "blesec-serve does not listen"
	}
}

# stop_serve: end it with SIGTERM; returns its exit status.
stop_serve()
{
	local status=0
	kill "$server"
	wait "$server" || status=$?
	return "$status"
}

# shellcheck disable=SC2034
# bluetooth_daemon [OPTION...]: bluetoothd, with both adapters; sets $daemon.
bluetooth_daemon()
{
	mkdir -p /run/dbus
	# another scenario's socket may exist, but nobody listens
	rm -f /run/dbus/system_bus_socket
	# it prints its address when it listens
	dbus-daemon --system --nofork --nopidfile --print-address \
		>"$T/dbus.address" 2>"$T/dbus.log" &
	wait_for 10 test -s "$T/dbus.address" ||
		fail "$(cat "$T/dbus.log")"
	/usr/libexec/bluetooth/bluetoothd -n "$@" >"$T/bluetoothd.log" 2>&1 &
	daemon=$!
	wait_for 15 both_managed || fail "$(cat "$T/bluetoothd.log")"
}

both_managed()
{
	[ "$(timeout 15 bluetoothctl list | grep -c Controller)" = 2 ]
}

# ssh_server: a real sshd on 127.0.0.1 port 2222, pid in $T/sshd.pid, and
# $T/ssh.conf for its client.
ssh_server()
{
	ip link set lo up
	mkdir -p /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f "$T/host"
	ssh-keygen -q -t ed25519 -N '' -f "$T/key"
	cat >"$T/sshd.conf" <<-END
		Port 2222
		ListenAddress 127.0.0.1
		HostKey $T/host
		AuthorizedKeysFile $T/key.pub
		StrictModes no
		PidFile $T/sshd.pid
		SetEnv PATH=$PATH
	END
	/usr/sbin/sshd -f "$T/sshd.conf" -E "$T/sshd.log"
	# which it writes when it listens, later than it goes to the background
	wait_for 10 test -s "$T/sshd.pid" || fail "$(cat "$T/sshd.log")"
	echo "[127.0.0.1]:2222 $(cut -d' ' -f1,2 "$T/host.pub")" >"$T/known"
	cat >"$T/ssh.conf" <<-END
		Host *
		HostName 127.0.0.1
		Port 2222
		IdentityFile $T/key
		IdentitiesOnly yes
		UserKnownHostsFile $T/known
	END
}

# Pairing. The initiator is hci0, the responder hci1; their output is in
# $T/i.json and $T/r.json; write a terminal's input to $T/i.tty and $T/r.tty.

# oob_terminal i|r ARGUMENT...: blesec-oob with a terminal, in the background.
oob_terminal()
{
	local side=$1
	shift
	rm -f "$T/$side.tty" "$T/$side.json"
	mkfifo "$T/$side.tty"
	script -qfec "blesec-oob $* >$T/$side.json 2>$T/$side.err" /dev/null \
		<>"$T/$side.tty" >/dev/null &
}

# pair_respond [OPTION...]: sets $responder.
pair_respond()
{
	oob_terminal r pair hci1 "$@"
	responder=$!
	wait_for 20 holds "$T/r.json" listening ||
		fail "no responder: $(cat "$T/r.err")"
}

# pair_initiate [OPTION...]: sets $initiator.
pair_initiate()
{
	oob_terminal i pair hci0 "$HCI1" "$@"
	initiator=$!
}

# If one side displays a passkey, type it into the other.
pass_key_over()
{
	local shown type
	for shown in i r; do
		type=i
		[ "$shown" = r ] || type=r
		jq -r 'select(.event == "passkey").passkey' "$T/$shown.json" |
			while read -r key; do
				wait_for 5 holds "$T/$type.json" passkey-request
				echo "$key" >"$T/$type.tty"
			done
	done
}

# Both have ended: their statuses in $is and $rs.
# shellcheck disable=SC2034
pair_wait()
{
	is=0 rs=0
	wait "$initiator" || is=$?
	wait "$responder" || rs=$?
}

# said i|r EVENT FILTER: print what jq's FILTER finds in the event.
said()
{
	jq -r "select(.event == \"$2\") | $3" "$T/$1.json"
}

forget()
{
	blesec-oob unpair hci0 "$HCI1" 2>/dev/null || :
	blesec-oob unpair hci1 "$HCI0" 2>/dev/null || :
	blesec-oob clear hci0
	blesec-oob clear hci1
	wait_for 10 no_links
}

# Give each adapter the other's data.
swap_oob()
{
	blesec-oob read hci0 | blesec-oob add hci1
	blesec-oob read hci1 | blesec-oob add hci0
}
