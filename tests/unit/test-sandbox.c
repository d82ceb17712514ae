/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The seccomp(2) filters, built for other machines and run as the kernel would
 * run them.
 */
#include "config.h"

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <bluetooth/bluetooth.h>

#include "process/sandbox.h"
#include "unit.h"

#define LENGTH_MAX 4096

static struct sock_filter program[LENGTH_MAX];
static size_t length;
static uint32_t arch;
static enum sandbox_job job;

_Noreturn static void never(const char *what)
{
	fprintf(stderr, "%s\n", what);
	exit(1);
}

static void compile(void)
{
	scmp_filter_ctx filter = sandbox_filter(job, arch);
	FILE *file = tmpfile();

	CHECK(filter && file);
	CHECK(!seccomp_export_bpf(filter, fileno(file)));
	rewind(file);
	length = fread(program, sizeof(*program), LENGTH_MAX, file);
	CHECK(length > 0 && length < LENGTH_MAX);
	fclose(file);
	seccomp_release(filter);
}

static bool jumps(const struct sock_filter *at, uint32_t a)
{
	switch (BPF_OP(at->code)) {
	case BPF_JEQ:
		return a == at->k;
	case BPF_JGT:
		return a > at->k;
	case BPF_JGE:
		return a >= at->k;
	case BPF_JSET:
		return a & at->k;
	default:
		never("a jump that libseccomp has not made before");
	}
}

/* Run the filter; only the instructions that libseccomp uses are known. */
static uint32_t run(const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t i = 0; i < length; i++) {
		const struct sock_filter *at = &program[i];

		switch (BPF_CLASS(at->code)) {
		case BPF_LD:
			CHECK(at->k + sizeof(a) <= sizeof(*data));
			memcpy(&a, (const char *)data + at->k, sizeof(a));
			break;
		case BPF_ALU:
			CHECK(BPF_OP(at->code) == BPF_AND);
			a &= at->k;
			break;
		case BPF_JMP:
			if (BPF_OP(at->code) == BPF_JA)
				i += at->k;
			else
				i += jumps(at, a) ? at->jt : at->jf;
			break;
		case BPF_RET:
			return at->k;
		default:
			never("an instruction that libseccomp has not used");
		}
	}
	never("the filter ends");
}

/* The verdict on a call by its name; true if the machine has the call. */
static bool ask(const char *name, uint64_t arg1, uint64_t arg2,
		uint32_t *answer)
{
	struct seccomp_data data = {
		.nr = seccomp_syscall_resolve_name_arch(arch, name),
		.arch = arch, .args = { 0, arg1, arg2 },
	};

	/* Below 0: libseccomp knows it, but this machine lacks it. */
	CHECK(data.nr != __NR_SCMP_ERROR);
	if (data.nr <= -101 && data.nr >= -120) {
		/* The older way to make sockets, socketcall(2). */
		data.args[0] = (uint64_t)(-100 - data.nr);
		data.args[1] = 0xbfff0000;	/* where the arguments are */
		data.nr = seccomp_syscall_resolve_name_arch(arch,
							    "socketcall");
	}
	if (data.nr < 0)
		return false;
	*answer = run(&data);
	return true;
}

static bool allowed(const char *name, uint64_t arg1, uint64_t arg2)
{
	uint32_t answer;

	return ask(name, arg1, arg2, &answer) && answer == SECCOMP_RET_ALLOW;
}

static void what_a_session_needs_is_allowed(void)
{
	static const char *const calls[] = {
		"read", "write", "close", "recvfrom", "recvmsg", "sendto",
		"sendmsg", "brk", "munmap", "mremap", "madvise", "futex",
		"getrandom", "getpid", "exit_group", "rt_sigreturn",
		"rt_sigprocmask", "clock_gettime", "restart_syscall",
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		CHECK(allowed(calls[i], 0, 0));
	CHECK(allowed("poll", 0, 0) || allowed("ppoll", 0, 0));
	CHECK(allowed("mmap", 0, PROT_READ | PROT_WRITE) ||
	      allowed("mmap2", 0, PROT_READ | PROT_WRITE));
	CHECK(allowed("mprotect", 0, PROT_READ));
	/* Filters cannot see socketcall(2)'s arguments, so it is refused. */
	CHECK(allowed("getsockopt", SOL_BLUETOOTH, BT_SECURITY) ==
	      (job == SANDBOX_PEER && arch != SCMP_ARCH_X86));
	CHECK(allowed("setsockopt", SOL_BLUETOOTH, BT_SECURITY) ==
	      (job == SANDBOX_PEER && arch != SCMP_ARCH_X86));
	/* The 64-bit clock, where the 32-bit one ends in 2038. */
	CHECK(seccomp_syscall_resolve_name_arch(arch, "clock_gettime64") < 0 ||
	      (allowed("clock_gettime64", 0, 0) &&
	       allowed("ppoll_time64", 0, 0) && allowed("futex_time64", 0, 0)));
}

static void what_an_intruder_needs_is_not(void)
{
	static const char *const calls[] = {
		"socket", "connect", "bind", "listen", "accept4", "execve",
		"execveat", "fork", "vfork", "clone", "clone3", "ptrace",
		"process_vm_readv", "process_vm_writev", "kill", "tkill",
		"tgkill", "pidfd_open", "pidfd_getfd", "ioctl", "prctl",
		"setuid", "setresuid", "capset", "mount", "bpf", "unshare",
		"setns", "io_uring_setup", "userfaultfd", "openat2", "creat",
		"unlinkat", "renameat2", "memfd_create", "dup", "dup3",
		"fcntl", "chroot", "init_module", "keyctl", "socketpair",
		"setrlimit", "prlimit64", "seccomp", "perf_event_open",
	};
	static const char *const opens[] = { "open", "openat", "statx" };
	const uint32_t unlisted = job == SANDBOX_PEER ?
				  SECCOMP_RET_KILL_PROCESS :
				  SECCOMP_RET_ERRNO | EPERM;
	uint32_t answer;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		CHECK(!ask(calls[i], 0, 0, &answer) || answer == unlisted);
	for (size_t i = 0; i < sizeof(opens) / sizeof(*opens); i++)
		CHECK(!ask(opens[i], 0, 0, &answer) ||
		      answer == (SECCOMP_RET_ERRNO | EACCES));
	CHECK(!allowed("mmap", 0, PROT_READ | PROT_EXEC));
	CHECK(!allowed("mmap2", 0, PROT_READ | PROT_EXEC));
	CHECK(!allowed("mprotect", 0, PROT_READ | PROT_EXEC));
	CHECK(!allowed("getsockopt", SOL_SOCKET, BT_SECURITY));
	CHECK(!allowed("setsockopt", SOL_BLUETOOTH, BT_SECURITY + 1));
}

/* As x86-64 has those of 32 bits. */
static void the_calls_of_another_machine_are_not(void)
{
	struct seccomp_data data = { .nr = 0, .arch = arch ^ 0x40000000 };

	CHECK(run(&data) != SECCOMP_RET_ALLOW);
}

int main(void)
{
	static const uint32_t archs[] = {
		SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_AARCH64,
		SCMP_ARCH_ARM, SCMP_ARCH_RISCV64,
	};

	if (under_valgrind())
		return 0;
	for (size_t i = 0; i < sizeof(archs) / sizeof(*archs); i++)
		for (int j = SANDBOX_PEER; j <= SANDBOX_KEY; j++) {
			arch = archs[i];
			job = (enum sandbox_job)j;
			compile();
			what_a_session_needs_is_allowed();
			what_an_intruder_needs_is_not();
			the_calls_of_another_machine_are_not();
		}
	return 0;
}
