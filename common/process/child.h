/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes of our own: what the signer and the peers' processes share. */
#ifndef BLESEC_CHILD_H
#define BLESEC_CHILD_H

#include <stdint.h>

#include "base/loop.h"

#include <sys/types.h>

/* 1 when built with AddressSanitizer. */
#if defined(__SANITIZE_ADDRESS__)
#define CHILD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHILD_SANITIZED 1
#endif
#endif
#ifndef CHILD_SANITIZED
#define CHILD_SANITIZED 0
#endif

/* The descriptor of a child's socket to its parent. */
#define CHILD_FD 3

/*
 * First call in a forked child: takes a name for ps(1), moves the count
 * descriptors to CHILD_FD and up and closes all others but stderr, joins stdin
 * and stdout to /dev/null, lets SIGINT and SIGTERM be the parent's affair (it
 * ends a child by closing the socket), forbids core dumps and new privileges.
 */
void child_settle(const char *name, const int *fds, int count);

/* _exit, but with the leak check of a sanitizer where there is one. */
_Noreturn void child_exit(int status);

/*
 * Pass a descriptor over a socket, and a number with it.  Returns 0, or -1 with
 * errno.
 */
int child_send_fd(int socket, int fd, uint64_t number);

/* The descriptor of the next packet, -1 if the socket has ended. */
int child_receive_fd(int socket, uint64_t *number);

/*
 * A pipe whose ends are none of the standard descriptors, and closed by exec.
 * Returns 0, or -1 with errno.
 */
int child_pipe(int fds[2]);

/*
 * fork(2), and a descriptor that is readable when the child has ended, to be
 * closed.  Returns as fork; -1 with errno leaves nothing behind.
 */
pid_t child_fork(int *pidfd);

/*
 * Wait at most ms milliseconds for the child to end, then kill it.
 * Returns its wait status.  Not for a loop that serves others: child_leave.
 */
int child_reap(pid_t pid, int ms);

/*
 * The same without waiting: the loop kills the child if it has not ended within
 * ms milliseconds, and reaps it.
 */
void child_leave(struct loop *loop, pid_t pid, uint64_t ms);

/* When that loop runs no more: wait for them, ms milliseconds for all at most. */
void child_leave_end(int ms);

#endif
