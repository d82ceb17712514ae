/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Confine the calling process to the descriptors it has: it can read, write
 * and wait, and nothing else (seccomp(2), setrlimit(2), privilege.h).
 */
#ifndef BLESEC_SANDBOX_H
#define BLESEC_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

enum sandbox_job {
	/* Parses what a radio sent: a system call not allowed kills it. */
	SANDBOX_PEER,
	/* Signs, by itself or by an open device: other system calls fail. */
	SANDBOX_KEY,
	/*
	 * Signs by a library that opens sockets or files each time, as the ones
	 * for simulators do: all system calls are allowed.
	 */
	SANDBOX_KEY_OUTSIDE,
};

/*
 * Confine this process for good; call it after child_settle, and before there
 * are threads.  Returns false if the kernel refuses, having said why: the
 * caller must not go on.
 *
 * A peer's process can have 32 MiB more memory than now, and 8 descriptors.
 * When built with a sanitizer, which needs more, or after sandbox_disable, only
 * privileges are dropped.
 */
bool sandbox_enter(enum sandbox_job job);

/* For --no-sandbox: in this process, and in those that it forks from now on. */
void sandbox_disable(void);
bool sandbox_disabled(void);

/*
 * The filter (scmp_filter_ctx) of that job for an architecture of libseccomp's
 * (SCMP_ARCH_*), to be released by the caller; NULL if it cannot be made.
 */
void *sandbox_filter(enum sandbox_job job, uint32_t arch);

#endif
