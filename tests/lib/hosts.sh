# shellcheck shell=bash
# For tests of provisioning over ssh, after session.sh and tpm.sh: a real sshd
# on loopback behind two names, sensor-7 and phone-1, each a host of its own:
# an identity directory and a software TPM of its own, hosts/NAME.
#
# hosts/NAME/env is sourced there before what ssh runs: a test makes a host
# fail by it. hosts/NAME/pid is the process that ssh runs.

SSHD=$(command -v sshd || echo /usr/sbin/sshd)
if ! [ -x "$SSHD" ] || ! command -v ssh >/dev/null; then
	echo "no ssh or sshd"
	exit 77
fi

host_tpm() # NAME
{
	local dir=$T/hosts/$1
	rm -f "$dir"/tpm.sock*
	swtpm socket --tpm2 --tpmstate dir="$dir/tpm" \
		--server type=unixio,path="$dir/tpm.sock" \
		--ctrl type=unixio,path="$dir/tpm.sock.ctrl" \
		--flags not-need-init,startup-clear >/dev/null 2>&1 &
	echo $! >"$dir/tpm.pid"
	await 20 listens "$dir/tpm.sock"
	await 20 listens "$dir/tpm.sock.ctrl"
}

# at NAME COMMAND...: with that host's environment
at() {
	local dir=$T/hosts/$1
	shift
	BLESEC_DIR=$dir/id TPM2OPENSSL_TCTI=swtpm:path=$dir/tpm.sock \
		TPM2TOOLS_TCTI=swtpm:path=$dir/tpm.sock "$@"
}

# What ssh runs on a host, whatever it asks for.
make_host() # NAME
{
	local dir=$T/hosts/$1
	mkdir -p "$dir/tpm"
	: >"$dir/env"
	cat >"$dir/shell" <<-END
		#!/bin/bash
		export PATH=$T/there:\$PATH BLESEC_DIR=$dir/id
		export TPM2OPENSSL_TCTI=swtpm:path=$dir/tpm.sock
		export TPM2TOOLS_TCTI=\$TPM2OPENSSL_TCTI BLESEC_TEST_TAG=${BLESEC_TEST_TAG:-}
		printf '%s\n' "\$SSH_ORIGINAL_COMMAND" >>$dir/commands
		echo \$\$ >$dir/pid
		. $dir/env
		eval "exec \$SSH_ORIGINAL_COMMAND"
	END
	chmod +x "$dir/shell"
}

both_listen() {
	[ "$(grep -c listening sshd.log)" = 2 ]
}
# sshd may listen at one port before the other.
sshd_has_tried() {
	both_listen || grep -Eq 'annot bind|failed|rror' sshd.log ||
		! kill -0 "$sshd"
}

# start_hosts: $sshd, ssh in PATH with a configuration that knows the two, and
# the blesec-provision of this build in the PATH there.
start_hosts() {
	local port name
	mkdir -p there bin
	ln -s "$B/tools/blesec-provision" there/blesec-provision
	[ "$(id -u)" != 0 ] || command install -d -m 755 /run/sshd
	ssh-keygen -q -t ed25519 -N '' -f host
	ssh-keygen -q -t ed25519 -N '' -f key
	for name in sensor-7 phone-1; do
		make_host "$name"
		host_tpm "$name"
	done
	for _ in {1..20}; do
		port=$(free_port)
		{
			printf 'Port %s\nPort %s\n' "$port" "$((port + 1))"
			printf '%s\n' 'ListenAddress 127.0.0.1' \
				"HostKey $T/host" "AuthorizedKeysFile $T/key.pub" \
				'StrictModes no' 'UsePAM no' 'PidFile none' \
				'PermitRootLogin yes' 'MaxStartups 100' \
				"Match LocalPort $port" \
				"ForceCommand $T/hosts/sensor-7/shell" \
				"Match LocalPort $((port + 1))" \
				"ForceCommand $T/hosts/phone-1/shell"
		} >sshd.conf
		: >sshd.log
		"$SSHD" -D -e -f sshd.conf 2>sshd.log &
		sshd=$!
		await 20 sshd_has_tried
		! both_listen || break
		kill "$sshd" 2>/dev/null || :
		wait "$sshd" || :
	done
	both_listen || fail "$(cat sshd.log)"
	for name in "$port" "$((port + 1))"; do
		printf '[127.0.0.1]:%s %s\n' "$name" "$(cut -d' ' -f1,2 host.pub)"
	done >known
	cat >ssh.conf <<-END
		Host sensor-7
		Port $port
		Host phone-1
		Port $((port + 1))
		Host refuses
		Port 1
		Host unknown
		HostName unknown.invalid
		Host stranger
		Port $port
		IdentityFile $T/host
		Host changed
		Port $port
		UserKnownHostsFile $T/none
		Host * !stranger
		IdentityFile $T/key
		Host *
		HostName 127.0.0.1
		IdentitiesOnly yes
		IdentityAgent none
		UserKnownHostsFile $T/known
		ConnectTimeout 20
	END
	printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" \
		"$T/ssh.conf" >bin/ssh
	chmod +x bin/ssh
	export PATH=$T/bin:$PATH
}

# remote OPTION|HOST...: into out and err, its status.
remote() {
	local status=0
	provision --ca ca "$@" >out 2>err </dev/null || status=$?
	return "$status"
}

# of NAME MEMBER: in the JSON line of that host
of() { jq -r "select(.name == \"$1\").$2" out; }

# What the identities are, to compare.
state() {
	find hosts/sensor-7 hosts/phone-1 \( -path '*/id/*' -o -path '*/id.next/*' \) \
		-type f -print0 | sort -z | xargs -0r sha256sum
}

# fails NAME STATUS STEP REGEX OPTION...: this host alone fails so, in both
# streams, and nothing has changed there.
fails() {
	local name=$1 wanted=$2 step=$3 regex=$4 status=0 before
	shift 4
	before=$(state)
	remote "$@" "$name" || status=$?
	[ "$status" = "$wanted" ] || fail "status $status, not $wanted: $(cat err)"
	[ "$(wc -l <out)" = 1 ] || fail "not one line: $(cat out)"
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	[ "$(jq -r '[.host, .name, .ok, .status, .step, .exit] | @tsv' out)" = \
		"$(printf '%s\t%s\tfalse\tfailed\t%s\t%s' "$name" "$name" "$step" "$wanted")" ] ||
		fail "it says $(cat out)"
	jq -r .reason out | grep -Eq -- "$regex" || fail "no '$regex': $(cat out)"
	grep -Eq -- "^blesec-provision: $name: $step: .*($regex)" err ||
		fail "no '$regex': $(cat err)"
	[ "$(state)" = "$before" ] || fail "changed: $(cat err)"
}
