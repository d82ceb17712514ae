/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "child.h"
#include "diag.h"

/* Some are of 32-bit machines only: libseccomp leaves out what is not here. */
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
	SCMP_SYS(fstatat64),
	SCMP_SYS(futex),
	SCMP_SYS(futex_time64),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(newfstatat),
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

/* Libraries that look for a file are told there is none. */
static const int denied[] = {
	SCMP_SYS(access),
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(stat),
	SCMP_SYS(statx),
};

static bool add_rules(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp no_exec =
		SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0))
			return false;
	for (size_t i = 0; i < sizeof(denied) / sizeof(*denied); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), denied[i],
				     0))
			return false;
	return !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
				 no_exec) &&
	       !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap2), 1,
				 no_exec) &&
	       !seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
				 no_exec);
}

bool sandbox_enter(void)
{
	const struct rlimit none = { 0, 0 };
	scmp_filter_ctx filter;
	int error;

	if (CHILD_SANITIZED)
		return true;
	setrlimit(RLIMIT_FSIZE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	error = !filter || !add_rules(filter) ? -ENOMEM : seccomp_load(filter);
	seccomp_release(filter);
	if (!error)
		return true;
	diag_error("cannot confine the process of a peer: %s; this kernel "
		   "needs CONFIG_SECCOMP_FILTER", strerror(-error));
	return false;
}
