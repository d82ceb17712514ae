/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/diag.h"

/* To CHILD_FD and up, whatever numbers they have now. */
static bool move_fds(const int *fds, int count)
{
	int high[8];

	for (int i = 0; i < count; i++) {
		high[i] = fcntl(fds[i], F_DUPFD, CHILD_FD + 8);
		if (high[i] < 0)
			return false;
	}
	for (int i = 0; i < count; i++)
		if (dup2(high[i], CHILD_FD + i) < 0)
			return false;
	return close_range((unsigned int)(CHILD_FD + count), ~0U, 0) == 0;
}

void child_settle(const char *name, const int *fds, int count)
{
	const struct rlimit none = { 0, 0 };
	sigset_t empty;
	int null;

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&empty);
	sigprocmask(SIG_SETMASK, &empty, NULL);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(null, STDOUT_FILENO) < 0 ||
	    !move_fds(fds, count))
		die(STATUS_OTHER, "cannot settle a child process: %s",
		    strerror(errno));
	prctl(PR_SET_NAME, name);
}

void child_exit(int status)
{
	if (CHILD_SANITIZED)
		exit(status);
	_exit(status);
}

union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(sizeof(int))];
};

int child_send_fd(int socket, int fd, uint64_t number)
{
	union control control = { 0 };
	struct iovec iov = { .iov_base = &number, .iov_len = sizeof(number) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(int));
	return sendmsg(socket, &msg, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int child_receive_fd(int socket, uint64_t *number)
{
	union control control = { 0 };
	struct iovec iov = { .iov_base = number, .iov_len = sizeof(*number) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	const struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(socket, &msg, MSG_CMSG_CLOEXEC) != sizeof(*number))
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS ||
	    cmsg->cmsg_len != CMSG_LEN(sizeof(int)))
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(int));
	return fd;
}

int child_reap(pid_t pid, int ms)
{
	int status = 0;

	/* In small steps: a parent of many has others to serve. */
	for (; ms > 0; ms--) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return status;
		usleep(1000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}
