/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "provision-step.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "process/child.h"
#include "base/diag.h"

/* Between SIGTERM and SIGKILL. */
#define LAST_WORDS_MS 2000

enum { INPUT, OUTPUT, ERROR, END, COUNT };

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

_Noreturn static void step_child(const int fds[3], pid_t parent,
				 void (*run)(const void *), const void *arg)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(126);
	signal(SIGPIPE, SIG_DFL);
	for (int i = 0; i < 3; i++)
		if (dup2(fds[i], i) < 0)
			_exit(126);
	run(arg);
	_exit(126);
}

/* Start the step; polls gets our ends of its pipes and its pidfd. */
static pid_t step_start(struct pollfd polls[COUNT], void (*run)(const void *),
			const void *arg)
{
	int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, theirs[3];
	pid_t parent = getpid(), pid = -1;
	bool ok = true;
	int error;

	polls[END] = (struct pollfd){ .fd = -1, .events = POLLIN };
	for (int i = 0; ok && i < 3; i++)
		ok = pipe2(pipes[i], O_CLOEXEC) == 0;
	for (int i = 0; i < 3; i++) {
		polls[i].fd = pipes[i][i == INPUT];
		theirs[i] = pipes[i][i != INPUT];
		polls[i].events = i == INPUT ? POLLOUT : POLLIN;
		ok = ok && fcntl(polls[i].fd, F_SETFL, O_NONBLOCK) == 0;
	}
	if (ok)
		pid = child_fork(&polls[END].fd);
	if (pid == 0)
		step_child(theirs, parent, run, arg);
	error = errno;
	for (int i = 0; i < 3; i++)
		close_fd(&theirs[i]);
	for (int i = 0; pid < 0 && i < 3; i++)
		close_fd(&polls[i].fd);
	errno = error;
	return pid;
}

static void step_give(struct pollfd *poll, const char **input)
{
	ssize_t n = **input ? write(poll->fd, *input, strlen(*input)) : 0;

	if (n > 0)
		*input += n;
	if (!**input || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(&poll->fd);
}

/* Read everything that is there now. */
static void take_output(struct step *step, int *fd)
{
	ssize_t n = 1;

	while (n > 0 && !step->too_much) {
		size_t room = sizeof(step->out) - 1 - step->out_len;

		if (!room) {
			step->too_much = true;
			break;
		}
		n = read(*fd, step->out + step->out_len, room);
		if (n > 0)
			step->out_len += (size_t)n;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(fd);
}

/* Read no more than a pipe holds, however fast more arrives. */
static void take_error(struct step *step, int *fd)
{
	const size_t half = sizeof(step->err) / 2;
	ssize_t n = 1;

	for (int i = 0; n > 0 && i < 16; i++) {
		if (step->err_len > half) {
			memmove(step->err, step->err + step->err_len - half,
				half);
			step->err_len = half;
		}
		n = read(*fd, step->err + step->err_len, half - 1);
		if (n <= 0)
			continue;
		for (char *p = step->err + step->err_len;
		     p < step->err + step->err_len + n; p++)
			if ((*p >= 0 && *p < ' ' && !strchr("\r\n\t", *p)) ||
			    *p == 0x7f || !*p)
				*p = '?';
		if (step->aloud && write(STDERR_FILENO,
					 step->err + step->err_len,
					 (size_t)n) < 0)
			step->aloud = false;
		step->err_len += (size_t)n;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_fd(fd);
}

/* Run until the step ends, or must be ended. */
static void step_converse(struct step *step, struct pollfd polls[COUNT],
			  const char *input, long seconds)
{
	long long end = now_ms() + seconds * 1000;

	for (;;) {
		long long left = end - now_ms();
		bool ended;

		if (left <= 0 || step->too_much) {
			step->timed_out = !step->too_much;
			return;
		}
		if (poll(polls, COUNT, (int)left) < 0)
			continue;
		/*
		 * Check this first: all of the step's output is in the pipes by
		 * then.
		 */
		ended = polls[END].revents;
		if (polls[INPUT].fd >= 0 && polls[INPUT].revents)
			step_give(&polls[INPUT], &input);
		if (polls[OUTPUT].fd >= 0)
			take_output(step, &polls[OUTPUT].fd);
		if (polls[ERROR].fd >= 0)
			take_error(step, &polls[ERROR].fd);
		if (ended)
			return;
	}
}

bool step_run(struct step *step, void (*run)(const void *arg), const void *arg,
	      const char *input, long seconds)
{
	struct pollfd polls[COUNT];
	pid_t pid;

	step->out_len = step->err_len = 0;
	step->timed_out = step->too_much = false;
	step->state = 0;
	pid = step_start(polls, run, arg);
	if (pid < 0)
		return false;
	step_converse(step, polls, input, seconds);
	step->out[step->out_len] = '\0';
	step->err[step->err_len] = '\0';
	for (int i = 0; i < COUNT; i++)
		close_fd(&polls[i].fd);
	if (step->timed_out || step->too_much)
		kill(pid, SIGTERM);
	step->state = child_reap(pid, LAST_WORDS_MS);
	return true;
}
