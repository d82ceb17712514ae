/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/watch.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/diag.h"

struct watch {
	struct loop *loop;
	int fd;
	void (*fn)(const struct inotify_event *event, void *arg);
	void *arg;
};

static void watch_on_events(short ready, void *arg)
{
	_Alignas(struct inotify_event) char buffer[4096];
	struct watch *watch = arg;
	const struct inotify_event *event;
	ssize_t n = read(watch->fd, buffer, sizeof(buffer));

	(void)ready;
	for (ssize_t at = 0; at < n; at += (ssize_t)(sizeof(*event) +
						     event->len)) {
		event = (const struct inotify_event *)(buffer + at);
		watch->fn(event, watch->arg);
	}
}

struct watch *watch_new(struct loop *loop,
			void (*fn)(const struct inotify_event *event,
				   void *arg), void *arg)
{
	struct watch *watch;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return NULL;
	watch = malloc(sizeof(*watch));
	if (!watch)
		die(STATUS_OTHER, "out of memory");
	*watch = (struct watch){ .loop = loop, .fd = fd, .fn = fn, .arg = arg };
	loop_watch(loop, fd, POLLIN, watch_on_events, watch);
	return watch;
}

void watch_free(struct watch *watch)
{
	if (!watch)
		return;
	loop_unwatch(watch->loop, watch->fd);
	close(watch->fd);
	free(watch);
}

int watch_add(struct watch *watch, const char *path, uint32_t mask)
{
	return inotify_add_watch(watch->fd, path, mask);
}

void watch_remove(struct watch *watch, int wd)
{
	inotify_rm_watch(watch->fd, wd);
}
