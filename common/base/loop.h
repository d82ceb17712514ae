/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A poll(2) loop: descriptors and timers of one process.
 *
 * Handlers may add, change and remove any watch and timer, their own
 * included.
 */
#ifndef BLESEC_LOOP_H
#define BLESEC_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Called with the events that poll(2) reports. */
typedef void (*loop_fd_fn)(short ready, void *arg);
typedef void (*loop_timer_fn)(void *arg);

/* Owned by the caller; all zero means not armed. */
struct loop_timer {
	struct loop_timer *next;
	uint64_t due;		/* microseconds, as loop_now */
	loop_timer_fn fn;
	void *arg;
	bool armed;
};

/* Never returns NULL: the process exits if it is out of memory. */
struct loop *loop_new(void);
void loop_free(struct loop *loop);

/* Watch fd for events: POLLIN, POLLOUT, or 0 for errors only. */
void loop_watch(struct loop *loop, int fd, short events, loop_fd_fn fn,
		void *arg);
/*
 * Change the events that fd is watched for; does nothing if fd is not watched.
 */
void loop_events(struct loop *loop, int fd, short events);
void loop_unwatch(struct loop *loop, int fd);

/* Arm the timer to fire once in ms milliseconds; this rearms an armed timer. */
void loop_after(struct loop *loop, struct loop_timer *timer, uint64_t ms,
		loop_timer_fn fn, void *arg);
void loop_cancel(struct loop *loop, struct loop_timer *timer);

/*
 * On SIGINT and SIGTERM call fn instead of ending, and on SIGHUP call hangup;
 * if hangup is NULL, call fn for that too, unless it is ignored.  SIGPIPE is
 * ignored.  Call this once in a process.
 */
void loop_signals(struct loop *loop, loop_timer_fn fn, loop_timer_fn hangup,
		  void *arg);

/* Run until loop_stop; returns its value. */
int loop_run(struct loop *loop);
void loop_stop(struct loop *loop, int value);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t loop_now(void);

#endif
