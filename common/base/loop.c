/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/loop.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/signalfd.h>

#include "base/diag.h"

struct watch {
	int fd;
	short events;
	loop_fd_fn fn;
	void *arg;
};

struct loop {
	struct watch *watches;
	struct pollfd *polled;
	size_t used, size;
	struct loop_timer *timers;	/* sorted by due time */
	bool stopped;
	int value;
	int signals;			/* a signalfd, if on_signal is set */
	loop_timer_fn on_signal, on_hangup;
	void *signal_arg;
};

uint64_t loop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static void *loop_must(void *p)
{
	if (!p)
		die(STATUS_OTHER, "out of memory");
	return p;
}

struct loop *loop_new(void)
{
	return loop_must(calloc(1, sizeof(struct loop)));
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	if (loop->on_signal)
		close(loop->signals);
	free(loop->watches);
	free(loop->polled);
	free(loop);
}

static struct watch *loop_find(struct loop *loop, int fd)
{
	for (size_t i = 0; i < loop->used; i++)
		if (loop->watches[i].fd == fd)
			return &loop->watches[i];
	return NULL;
}

void loop_watch(struct loop *loop, int fd, short events, loop_fd_fn fn,
		void *arg)
{
	struct watch *watch = loop_find(loop, fd);

	if (!watch) {
		if (loop->used == loop->size) {
			loop->size = loop->size ? 2 * loop->size : 8;
			loop->watches = loop_must(reallocarray(loop->watches,
				loop->size, sizeof(*loop->watches)));
			loop->polled = loop_must(reallocarray(loop->polled,
				loop->size, sizeof(*loop->polled)));
		}
		watch = &loop->watches[loop->used++];
	}
	*watch = (struct watch){ fd, events, fn, arg };
}

void loop_events(struct loop *loop, int fd, short events)
{
	struct watch *watch = loop_find(loop, fd);

	if (watch)
		watch->events = events;
}

void loop_unwatch(struct loop *loop, int fd)
{
	struct watch *watch = loop_find(loop, fd);

	if (watch)
		*watch = loop->watches[--loop->used];
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
	struct loop_timer **at = &loop->timers;

	if (!timer->armed)
		return;
	while (*at && *at != timer)
		at = &(*at)->next;
	if (*at)
		*at = timer->next;
	timer->armed = false;
}

void loop_after(struct loop *loop, struct loop_timer *timer, uint64_t ms,
		loop_timer_fn fn, void *arg)
{
	struct loop_timer **at = &loop->timers;

	loop_cancel(loop, timer);
	timer->due = loop_now() + ms * 1000;
	timer->fn = fn;
	timer->arg = arg;
	timer->armed = true;
	while (*at && (*at)->due <= timer->due)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
}

static int wait_ms(const struct loop *loop)
{
	uint64_t now = loop_now(), ms;

	if (!loop->timers)
		return -1;
	if (loop->timers->due <= now)
		return 0;
	ms = (loop->timers->due - now + 999) / 1000;
	return ms > INT_MAX ? INT_MAX : (int)ms;
}

static void run_timers(struct loop *loop)
{
	uint64_t now = loop_now();

	while (!loop->stopped && loop->timers && loop->timers->due <= now) {
		struct loop_timer *timer = loop->timers;

		loop_cancel(loop, timer);
		timer->fn(timer->arg);
	}
}

static void run_watches(struct loop *loop, size_t polled)
{
	for (size_t i = 0; i < polled && !loop->stopped; i++) {
		struct watch *watch;

		if (!loop->polled[i].revents)
			continue;
		/* An earlier handler may have removed or changed it. */
		watch = loop_find(loop, loop->polled[i].fd);
		if (watch && (loop->polled[i].revents &
			      (watch->events | POLLERR | POLLHUP | POLLNVAL)))
			watch->fn(loop->polled[i].revents, watch->arg);
	}
}

static void read_signal(short ready, void *arg)
{
	struct loop *loop = arg;
	struct signalfd_siginfo info;

	(void)ready;
	if (read(loop->signals, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP && loop->on_hangup)
		loop->on_hangup(loop->signal_arg);
	else
		loop->on_signal(loop->signal_arg);
}

void loop_signals(struct loop *loop, loop_timer_fn fn, loop_timer_fn hangup,
		  void *arg)
{
	struct sigaction old;
	sigset_t signals;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	/* Under nohup(1), the process is meant to outlive its terminal. */
	if (hangup || (!sigaction(SIGHUP, NULL, &old) &&
		       old.sa_handler != SIG_IGN))
		sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	loop->signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals < 0)
		die(STATUS_OTHER, "signalfd: %s", strerror(errno));
	loop->on_signal = fn;
	loop->on_hangup = hangup;
	loop->signal_arg = arg;
	loop_watch(loop, loop->signals, POLLIN, read_signal, loop);
}

int loop_run(struct loop *loop)
{
	loop->stopped = false;
	while (!loop->stopped) {
		size_t n = loop->used;

		for (size_t i = 0; i < n; i++)
			loop->polled[i] = (struct pollfd){
				.fd = loop->watches[i].fd,
				.events = loop->watches[i].events,
			};
		if (poll(loop->polled, n, wait_ms(loop)) < 0) {
			if (errno == EINTR)
				continue;
			die(STATUS_OTHER, "poll: %s", strerror(errno));
		}
		run_watches(loop, n);
		run_timers(loop);
	}
	return loop->value;
}

void loop_stop(struct loop *loop, int value)
{
	if (loop->stopped)
		return;
	loop->stopped = true;
	loop->value = value;
}
