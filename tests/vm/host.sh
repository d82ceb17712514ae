# shellcheck shell=bash
# The host's half of the virtual machine, for tests/vm/run and tests/vm/shell.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
S=$(cd "$here/../.." && pwd)
# shellcheck source=tests/lib/sockets.sh
. "$S/tests/lib/sockets.sh"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/blesec

# Print in one line why this machine cannot run the guest; nothing if it can.
vm_lacking()
{
	local c
	if [ "$(uname -m)" != x86_64 ]; then
		echo "the guest is for x86_64 only, this is $(uname -m)"
		return
	fi
	for c in qemu-system-x86_64 busybox cpio depmod swtpm btvirt btmon; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$c" >/dev/null || {
			echo "no $c: scripts/deps vm installs it"
			return
		}
	done
}

# Set kernel, initrd and accel; one process at a time makes what is missing.
vm_prepare()
{
	local lacking stamp lock
	lacking=$(vm_lacking)
	if [ -n "$lacking" ]; then
		echo "${0##*/}: $lacking" >&2
		return 1
	fi
	PATH=$PATH:/usr/sbin:/sbin
	mkdir -p "$cache"
	exec {lock}>"$cache/lock"
	flock "$lock"
	kernel=$("$here/fetch-kernel")
	stamp=$(cat "$here/initramfs" "$(command -v busybox)" |
		sha256sum | cut -c1-16)
	initrd=$kernel.initramfs-$stamp
	[ -s "$initrd" ] || "$here/initramfs" "$kernel" "$initrd"
	accel=$(vm_accel)
	exec {lock}>&-
}

# Print kvm or tcg. That /dev/kvm opens proves little: with some of them a stock
# kernel hangs before its first line. So boot once, and remember the result
# until the host itself reboots.
vm_accel()
{
	local console known
	if [ -n "${BLESEC_VM_ACCEL:-}" ]; then
		echo "$BLESEC_VM_ACCEL"
		return
	fi
	if [ ! -w /dev/kvm ] || [ -d /sys/module/kvm_pvm ]; then
		echo tcg
		return
	fi
	known=$cache/accel-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -s "$known" ]; then
		rm -f "$cache"/accel-*
		console=$(mktemp)
		(accel=kvm vm_qemu 15 "$console" blesec.probe) >&2 || :
		if grep -q blesec.alive "$console"; then
			echo kvm >"$known"
		else
			echo tcg >"$known"
		fi
		rm -f "$console"
	fi
	cat "$known"
}

# vm_qemu SECONDS CONSOLE-FILE KERNEL-PARAMETERS [QEMU-ARGUMENT...]
# For a subshell of its own, which becomes `timeout`.
#
# Three settings are for speed where QEMU translates the guest's code. It keeps
# translated code by virtual address, so a program at a new address each time is
# translated each time: norandmaps halves the time of a shell script. Page
# tables of five levels and memory zeroed when it is allocated cost 15 % more.
vm_qemu()
{
	local limit=$1 console=$2 parameters=$3 cpu=max,-la57 khz
	shift 3
	if [ "$accel" = kvm ]; then
		cpu=host,-arch-capabilities
	elif khz=$("${B:-$S/build/gcc}/tests/helpers/tsc-khz" 2>/dev/null); then
		# or its kernel measures it, wrongly on a busy machine
		parameters+=" tsc_early_khz=$khz"
	fi
	exec timeout --foreground -k 5 "$limit" qemu-system-x86_64 \
		-machine q35,accel="$accel" -cpu "$cpu" -smp 1 -m "${BLESEC_VM_MEMORY:-1024}" \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$kernel"/boot/vmlinuz-* -initrd "$initrd" \
		-append "console=ttyS0 quiet loglevel=5 panic=-1 reboot=t \
mitigations=off random.trust_cpu=on tsc=reliable no_timer_check audit=0 \
norandmaps init_on_alloc=0 nowatchdog rcupdate.rcu_cpu_stall_suppress=1 \
log_buf_len=4M $parameters" \
		-serial file:"$console" "$@" </dev/null
}

# vm_identities DIRECTORY: make what the functions "identities" and "attacker"
# give to scenarios. Here it takes one second instead of forty.
vm_identities()
{
	local provision=("${B:-$S/build/gcc}/tools/blesec-provision" --no-tpm)
	mkdir -p "$1/attacker"
	(
		cd "$1"
		export BLESEC_CA=$S/scripts/blesec-ca
		"$BLESEC_CA" init --dir ca --name "Example CA"
		"${provision[@]}" --name sensor-7 --ca ca --dir sensor \
			--address 00:AA:01:01:00:01
		"${provision[@]}" --name phone-1 --ca ca --dir phone --no-address
		cd attacker
		"${provision[@]}" --name mallory --ca ../ca --dir insider --no-address
		"$BLESEC_CA" init --dir evil --name "Another CA"
		for name in sensor-7 phone-1; do
			"${provision[@]}" --name $name --ca evil --dir evil-$name \
				--address 00:AA:01:02:00:02
		done
	) >"$1.log" 2>&1 || {
		cat "$1.log" >&2
		return 1
	}
}

# vm_boot DIRECTORY SECONDS: in the background, as process $vm. The guest has
# DIRECTORY as /vmout and runs its file "command"; what that prints comes out
# of the FIFOs "out" and "err" there, its exit status into the file "status".
# The directory $queue, or an empty one, is the guest's /queue.
vm_boot()
{
	local dir=$1 limit=$2 v
	cp "$here/guest" "$dir/init"
	rm -f "$dir/status" "$dir/uptime" "$dir/out" "$dir/err"
	mkfifo "$dir/out" "$dir/err"
	{
		printf 'export S=%q B=%q HOST_KERNEL=%q\n' \
			"$S" "${B:-$S/build/gcc}" "$kernel"
		printf 'guest_cwd=%q\n' "$PWD"
		for v in ASAN_OPTIONS UBSAN_OPTIONS BLESEC_LONG \
			BLESEC_TEST_SLOWNESS; do
			[ -z "${!v:-}" ] || printf 'export %s=%q\n' "$v" "${!v}"
		done
	} >"$dir/env"

	if [ -z "${queue:-}" ]; then
		queue=$dir/queue
		mkdir -p "$queue"
	fi
	# without a build, there is still the rest of the guest
	if [ ! -d "$dir/identities" ] &&
		[ -x "${B:-$S/build/gcc}/tools/blesec-provision" ]; then
		vm_identities "$dir/identities"
	fi
	rm -rf "$dir/tpm"
	mkdir "$dir/tpm"
	swtpm socket --tpm2 --tpmstate dir="$dir/tpm" \
		--ctrl type=unixio,path="$dir/tpm/ctrl" \
		--flags not-need-init,startup-clear --terminate \
		>"$dir/swtpm.log" 2>&1 </dev/null &
	vm_tpm=$!
	until listens "$dir/tpm/ctrl" || ! kill -0 "$vm_tpm" 2>/dev/null; do
		sleep 0.02
	done

	# The FIFOs stay open as long as QEMU lives, so that a reader sees an
	# end even if QEMU never came to open them.
	(vm_qemu "$limit" "$dir/console.log" blesec.init=/vmout/init \
		-fsdev local,id=r,path=/,security_model=none,readonly=on,multidevs=remap \
		-device virtio-9p-pci,fsdev=r,mount_tag=hostroot \
		-fsdev local,id=o,path="$dir",security_model=none \
		-device virtio-9p-pci,fsdev=o,mount_tag=vmout \
		-fsdev local,id=q,path="$queue",security_model=none \
		-device virtio-9p-pci,fsdev=q,mount_tag=queue \
		-device virtio-rng-pci -device virtio-serial-pci \
		-chardev file,id=out,path="$dir/out" \
		-device virtserialport,chardev=out,name=out \
		-chardev file,id=err,path="$dir/err" \
		-device virtserialport,chardev=err,name=err \
		-chardev socket,id=tpm,path="$dir/tpm/ctrl" \
		-tpmdev emulator,id=tpm0,chardev=tpm \
		-device tpm-crb,tpmdev=tpm0 \
		>"$dir/qemu.log" 2>&1 8>"$dir/out" 9>"$dir/err") &
	vm=$!
}

# Wait for QEMU, or end it; swtpm goes with it.
vm_wait()
{
	wait "$vm" || :
	kill "$vm_tpm" 2>/dev/null || :
	wait "$vm_tpm" || :
	vm='' vm_tpm=''
}

vm_kill()
{
	[ -n "${vm:-}" ] || return 0
	kill "$vm" 2>/dev/null || :
	vm_wait
}
