/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A replacement for loop.c with a simulated clock: timers, and one descriptor
 * that can be watched.
 */
#ifndef BLESEC_FUZZ_CLOCK_H
#define BLESEC_FUZZ_CLOCK_H

#include <poll.h>

#include "fuzz.h"
#include "base/loop.h"

struct loop {
	int none;
};

static struct loop clock_loop;
static uint64_t now;
static struct loop_timer *timers;
static struct {
	int fd;
	loop_fd_fn fn;
	void *arg;
} watch;

uint64_t loop_now(void)
{
	return now;
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
	must(!loop || loop == &clock_loop);
	for (struct loop_timer **at = &timers; *at; at = &(*at)->next)
		if (*at == timer) {
			*at = timer->next;
			break;
		}
	timer->armed = false;
}

void loop_after(struct loop *loop, struct loop_timer *timer, uint64_t ms,
		loop_timer_fn fn, void *arg)
{
	loop_cancel(loop, timer);
	*timer = (struct loop_timer){
		.next = timers, .due = now + ms * 1000, .fn = fn, .arg = arg,
		.armed = true,
	};
	timers = timer;
}

void loop_watch(struct loop *loop, int fd, short events, loop_fd_fn fn,
		void *arg)
{
	must(loop == &clock_loop && events == POLLIN && !watch.fn);
	watch.fd = fd;
	watch.fn = fn;
	watch.arg = arg;
}

void loop_unwatch(struct loop *loop, int fd)
{
	must(loop == &clock_loop && fd == watch.fd && watch.fn);
	watch.fn = NULL;
}

/* Run the earliest timer that is due by then; false if there is none. */
static bool fire(uint64_t by)
{
	struct loop_timer *first = NULL;

	for (struct loop_timer *t = timers; t; t = t->next)
		if (t->due <= by && (!first || t->due < first->due))
			first = t;
	if (!first)
		return false;
	if (now < first->due)
		now = first->due;
	loop_cancel(NULL, first);
	first->fn(first->arg);
	return true;
}

/* Let time pass, and run the timers that become due. */
static void pass(uint64_t ms)
{
	const uint64_t by = now + ms * 1000;

	while (fire(by))
		;
	if (now < by)
		now = by;
}

#endif
