/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Child processes: start and end them, and what the signer and the peers'
 * processes have in common.
 */
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
 * Call this first in a forked child.  It sets the name for ps(1), moves the
 * count descriptors to CHILD_FD and up, closes all others but stderr, and opens
 * /dev/null as stdin and stdout.  It ignores SIGINT and SIGTERM, as the parent
 * ends a child by closing its socket, and forbids core dumps and new
 * privileges.
 */
void child_settle(const char *name, const int *fds, int count);

/* Like _exit(2), but run a sanitizer's leak check first if there is one. */
_Noreturn void child_exit(int status);

/*
 * Send a descriptor and a number over a socket.  Returns 0, or -1 with errno.
 */
int child_send_fd(int socket, int fd, uint64_t number);

/* Returns the descriptor in the next packet, or -1 if the socket is closed. */
int child_receive_fd(int socket, uint64_t *number);

/*
 * Create a pipe, close-on-exec, that uses none of the standard descriptors.
 * Returns 0, or -1 with errno.
 */
int child_pipe(int fds[2]);

/*
 * fork(2), and open a descriptor that becomes readable when the child has
 * ended; the parent closes it.  Returns like fork(2); on -1 nothing needs to be
 * undone.
 */
pid_t child_fork(int *pidfd);

/*
 * Wait at most ms milliseconds for the child to end, then kill it.  Returns its
 * wait status.  In a loop that serves others, use child_leave.
 */
int child_reap(pid_t pid, int ms);

/*
 * Like child_reap, but without waiting: the loop kills the child if it has not
 * ended within ms milliseconds, and reaps it.  The child is killed at once if
 * too many others are ending.
 */
void child_leave(struct loop *loop, pid_t pid, uint64_t ms);

/*
 * After the loop: wait at most ms milliseconds for all remaining children
 * together, then kill those that are left.
 */
void child_leave_end(int ms);

#endif
