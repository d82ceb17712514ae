/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/diag.h"

/* Give them the numbers from CHILD_FD on, whatever they have now. */
static bool child_move_fds(const int *fds, int count)
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
	    !child_move_fds(fds, count))
		die(STATUS_OTHER, "cannot set up a child process: %s",
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

int child_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		int high = fcntl(fds[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

		close(fds[i]);
		fds[i] = high;
	}
	return fds[0] < 0 || fds[1] < 0 ? -1 : 0;
}

pid_t child_fork(int *pidfd)
{
	pid_t pid = fork();
	int error;

	*pidfd = pid > 0 ? pidfd_open(pid, 0) : -1;
	if (pid <= 0 || *pidfd >= 0)
		return pid;
	error = errno;
	child_reap(pid, 0);
	errno = error;
	return -1;
}

int child_reap(pid_t pid, int ms)
{
	int status = 0;

	for (; ms > 0; ms--) {
		if (waitpid(pid, &status, WNOHANG) != 0)
			return status;
		usleep(1000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return status;
}

#define LEAVING_MAX 64		/* children that may take their time at once */

/* A child that was told to end and has not been reaped yet. */
struct leaving {
	struct leaving *next;
	struct loop *loop;
	pid_t pid;
	int pidfd;
	struct loop_timer grace;
};

static struct leaving *leavings;
static unsigned int leaving_count;

static void child_forget(struct leaving *leaving)
{
	struct leaving **at = &leavings;

	while (*at != leaving)
		at = &(*at)->next;
	*at = leaving->next;
	leaving_count--;
	loop_unwatch(leaving->loop, leaving->pidfd);
	loop_cancel(leaving->loop, &leaving->grace);
	close(leaving->pidfd);
	free(leaving);
}

static void child_on_left(short ready, void *arg)
{
	struct leaving *leaving = arg;

	(void)ready;
	if (waitpid(leaving->pid, NULL, WNOHANG) != 0)
		child_forget(leaving);
}

static void child_grace_over(void *arg)
{
	const struct leaving *leaving = arg;

	kill(leaving->pid, SIGKILL);
}

void child_leave(struct loop *loop, pid_t pid, uint64_t ms)
{
	int pidfd = pidfd_open(pid, 0);
	struct leaving *leaving = calloc(1, sizeof(*leaving));

	if (!leaving)
		die(STATUS_OTHER, "out of memory");
	if (pidfd < 0) {
		/* Without it the child cannot be left to the loop. */
		free(leaving);
		child_reap(pid, 0);
		return;
	}
	*leaving = (struct leaving){
		.next = leavings, .loop = loop, .pid = pid, .pidfd = pidfd,
	};
	leavings = leaving;
	leaving_count++;
	loop_watch(loop, pidfd, POLLIN, child_on_left, leaving);
	if (ms && leaving_count <= LEAVING_MAX)
		loop_after(loop, &leaving->grace, ms, child_grace_over,
			   leaving);
	else
		child_grace_over(leaving);
}

void child_leave_end(int ms)
{
	const uint64_t end = loop_now() + 1000 * (uint64_t)ms;

	while (leavings) {
		const uint64_t now = loop_now();

		child_reap(leavings->pid,
			   now < end ? (int)((end - now) / 1000) : 0);
		child_forget(leavings);
	}
}
