/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <bluetooth/bluetooth.h>

#include "process/child.h"
#include "base/diag.h"
#include "process/privilege.h"

/* Measured: the longest messages in both directions need 0.8 MiB more. */
#define ROOM (32UL << 20)
/* Those of child_settle, and two links of a gateway. */
#define DESCRIPTORS (CHILD_FD + 5)

static bool disabled;

/* Some exist on 32-bit machines only; libseccomp leaves those out elsewhere. */
static const int allowed[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_gettime64),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_nanosleep_time64),
	SCMP_SYS(close),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fstat),
	SCMP_SYS(fstat64),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(ppoll_time64),
	SCMP_SYS(read),
	SCMP_SYS(recv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(send),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(shutdown),
	SCMP_SYS(time),
	SCMP_SYS(write),
};

/* Libraries that look for a file are told that they may not. */
static const int denied[] = {
	SCMP_SYS(access),
	SCMP_SYS(fstatat64),
	SCMP_SYS(newfstatat),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(statx),
	SCMP_SYS(sysinfo),	/* qsort asks how much memory there is */
};

/* Where mmap takes a struct, its arguments cannot be compared. */
static bool add_mmap(scmp_filter_ctx filter, uint32_t arch)
{
	const struct scmp_arg_cmp no_exec =
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	const bool by_struct = arch == SCMP_ARCH_S390X ||
			       arch == SCMP_ARCH_S390;

	/* The C library of x86 uses mmap2. */
	if (arch != SCMP_ARCH_X86 &&
	    seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
				   by_struct ? 0 : 1, &no_exec))
		return false;
	return !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 1,
				 no_exec) &&
	       !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				 no_exec);
}

static bool add_rules(scmp_filter_ctx filter, enum sandbox_job job,
		      uint32_t arch)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0))
			return false;
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), denied[i],
				     0))
			return false;
	/* To see the security of the link, and to ask for more. */
	if (job == SANDBOX_PEER &&
	    (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getsockopt), 2,
			      SCMP_A1(SCMP_CMP_EQ, SOL_BLUETOOTH, 0),
			      SCMP_A2(SCMP_CMP_EQ, BT_SECURITY, 0)) ||
	     seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
			      SCMP_A1(SCMP_CMP_EQ, SOL_BLUETOOTH, 0),
			      SCMP_A2(SCMP_CMP_EQ, BT_SECURITY, 0))))
		return false;
	return add_mmap(filter, arch);
}

static uint32_t unlisted(enum sandbox_job job)
{
	/* There is no telling what else a TPM library might call. */
	return job == SANDBOX_KEY ? SCMP_ACT_ERRNO(EPERM)
				  : SCMP_ACT_KILL_PROCESS;
}

void *sandbox_filter(enum sandbox_job job, uint32_t arch)
{
	scmp_filter_ctx filter = seccomp_init(unlisted(job));

	if (filter && arch != seccomp_arch_native() &&
	    (seccomp_arch_remove(filter, seccomp_arch_native()) ||
	     seccomp_arch_add(filter, arch)))
		goto fail;
	if (filter && add_rules(filter, job, arch))
		return filter;
fail:
	seccomp_release(filter);
	return NULL;
}

void sandbox_disable(void)
{
	disabled = true;
}

bool sandbox_disabled(void)
{
	return disabled;
}

/* Octets of address space that the process uses now, 0 if that is unknown. */
static rlim_t space(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0;

	if (!file)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's own */
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

/*
 * Limit memory, and forbid new processes.  For a peer's process, limit
 * descriptors and forbid to write files, too; the key's process writes to
 * stderr, which may be a file, while a peer's has its parent do that.
 */
static int limit(enum sandbox_job job)
{
	const rlim_t most = space() + ROOM;
	const struct rlimit none = { 0, 0 }, memory = { most, most };
	const struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };

	if (most == ROOM)
		return -ENOENT;
	if (setrlimit(RLIMIT_NPROC, &none) || setrlimit(RLIMIT_AS, &memory) ||
	    (job == SANDBOX_PEER && (setrlimit(RLIMIT_FSIZE, &none) ||
				     setrlimit(RLIMIT_NOFILE, &descriptors))))
		return -errno;
	return 0;
}

static int load(enum sandbox_job job)
{
	scmp_filter_ctx filter = sandbox_filter(job, seccomp_arch_native());
	int error = filter ? seccomp_load(filter) : -ENOMEM;

	seccomp_release(filter);
	return error;
}

bool sandbox_enter(enum sandbox_job job)
{
	int error;

	if (!privilege_drop(job == SANDBOX_PEER && !disabled))
		return false;
	if (disabled || CHILD_SANITIZED || job == SANDBOX_KEY_OUTSIDE)
		return true;
	error = limit(job);
	if (!error)
		error = load(job);
	if (!error)
		return true;
	diag_error("cannot confine a process: %s; this needs /proc and a "
		   "kernel with CONFIG_SECCOMP_FILTER, or --no-sandbox",
		   strerror(-error));
	return false;
}
