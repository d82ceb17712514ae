/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/privilege.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "base/diag.h"

/* One bit for each capability. */
struct sets {
	uint64_t effective, permitted, inheritable;
};

static uint64_t bit(int capability)
{
	return UINT64_C(1) << capability;
}

/* libc has no wrapper for these two. */
static bool get_sets(struct sets *sets)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return false;
	sets->effective = data[0].effective |
			  (uint64_t)data[1].effective << 32;
	sets->permitted = data[0].permitted |
			  (uint64_t)data[1].permitted << 32;
	sets->inheritable = data[0].inheritable |
			    (uint64_t)data[1].inheritable << 32;
	return true;
}

/* What is not permitted or not inheritable leaves the ambient set, too. */
static bool set_sets(const struct sets *sets)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].effective = (uint32_t)(sets->effective >> 32 * i);
		data[i].permitted = (uint32_t)(sets->permitted >> 32 * i);
		data[i].inheritable = (uint32_t)(sets->inheritable >> 32 * i);
	}
	return !syscall(SYS_capset, &header, data);
}

/*
 * This needs CAP_SETPCAP.  Without it the bounding set stays as it is, which
 * does no harm: there are no new privileges that it could bound.
 */
static void bound(uint64_t kept)
{
	for (int i = 0; prctl(PR_CAPBSET_READ, i, 0, 0, 0) >= 0; i++)
		if (i > 63 || !(kept & bit(i)))
			prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
}

static bool refused(void)
{
	diag_error("cannot give up privileges: %s", strerror(errno));
	return false;
}

static void become_nobody(void)
{
	const gid_t gid = PRIVILEGE_NOBODY;
	const uid_t uid = PRIVILEGE_NOBODY;

	if (geteuid() != 0)
		return;
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    setresuid(uid, uid, uid))
		diag_info("a process keeps running as root: %s",
			  strerror(errno));
	/* The change of user has undone that of child_settle. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

bool privilege_drop(bool nobody)
{
	const struct sets none = { 0, 0, 0 };

	bound(0);
	if (nobody)
		become_nobody();
	if (!set_sets(&none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return refused();
	return true;
}

bool privilege_keep(bool bluetooth, bool executes)
{
	uint64_t job = bluetooth ? bit(CAP_NET_ADMIN) : 0;
	struct sets sets;

	if (geteuid() == 0)
		job |= bit(CAP_DAC_OVERRIDE) | bit(CAP_KILL) |
		       bit(CAP_SETGID) | bit(CAP_SETUID) | bit(CAP_SETPCAP);
	if (!get_sets(&sets))
		return refused();
	if (!executes) {
		bound(job);
		sets.inheritable = 0;
		sets.permitted &= job;
	}
	/*
	 * What is permitted here is permitted in a program that we run.  If it
	 * gained that by execve(2), the kernel would clear PR_SET_PDEATHSIG.
	 */
	sets.effective &= job;
	if (!set_sets(&sets) ||
	    (!executes && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return refused();
	return true;
}
