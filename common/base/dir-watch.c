/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/dir-watch.h"

#include <libgen.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/inotify.h>

#include "base/diag.h"
#include "base/limits.h"

#define IN_THE_DIR (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB |      \
		    IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF |     \
		    IN_ONLYDIR)
#define IN_THE_PARENT (IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)

struct dir_watch {
	struct loop *loop;
	int fd;
	int dir, parent;		/* of inotify; -1: not watched */
	char *path, *copies[2];
	const char *name;		/* in the parent */
	struct loop_timer settle;
	uint64_t first;			/* change that is not told yet */
	loop_timer_fn fn;
	void *arg;
};

/* What has that name now. */
static void watch_dir(struct dir_watch *watch)
{
	int dir = inotify_add_watch(watch->fd, watch->path, IN_THE_DIR);

	if (watch->dir >= 0 && watch->dir != dir)
		inotify_rm_watch(watch->fd, watch->dir);
	watch->dir = dir;
}

static void settled(void *arg)
{
	struct dir_watch *watch = arg;

	/* First, so that a change while it is read is reported, too. */
	watch_dir(watch);
	watch->fn(watch->arg);
}

static bool of_interest(const struct dir_watch *watch,
			const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (event->wd == watch->parent && event->len &&
	    !strcmp(event->name, watch->name))
		return true;
	return event->wd == watch->dir && !(event->mask & IN_IGNORED);
}

static void note_change(struct dir_watch *watch)
{
	if (!watch->settle.armed)
		watch->first = loop_now();
	if (loop_now() - watch->first < 1000 * DIR_WATCH_LONGEST_MS)
		loop_after(watch->loop, &watch->settle, DIR_WATCH_SETTLE_MS,
			   settled, watch);
}

static void on_events(short ready, void *arg)
{
	_Alignas(struct inotify_event) char buffer[4096];
	struct dir_watch *watch = arg;
	const struct inotify_event *event;
	ssize_t n = read(watch->fd, buffer, sizeof(buffer));

	(void)ready;
	for (ssize_t at = 0; at < n; at += (ssize_t)(sizeof(*event) +
						     event->len)) {
		event = (const struct inotify_event *)(buffer + at);
		if (of_interest(watch, event))
			note_change(watch);
	}
}

struct dir_watch *dir_watch_start(struct loop *loop, const char *path,
				  loop_timer_fn fn, void *arg)
{
	struct dir_watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		die(STATUS_OTHER, "out of memory");
	*watch = (struct dir_watch){
		.loop = loop, .dir = -1, .parent = -1, .path = strdup(path),
		.copies = { strdup(path), strdup(path) }, .fn = fn, .arg = arg,
	};
	if (!watch->path || !watch->copies[0] || !watch->copies[1])
		die(STATUS_OTHER, "out of memory");
	watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch->fd < 0) {
		dir_watch_stop(watch);
		return NULL;
	}
	loop_watch(loop, watch->fd, POLLIN, on_events, watch);
	watch->name = basename(watch->copies[0]);
	/*
	 * The parent may not be ours to list; then a directory that is moved
	 * away is lost sight of.
	 */
	watch->parent = inotify_add_watch(watch->fd, dirname(watch->copies[1]),
					  IN_THE_PARENT);
	watch_dir(watch);
	if (watch->dir >= 0)
		return watch;
	dir_watch_stop(watch);
	return NULL;
}

void dir_watch_stop(struct dir_watch *watch)
{
	if (!watch)
		return;
	loop_cancel(watch->loop, &watch->settle);
	if (watch->fd >= 0) {
		loop_unwatch(watch->loop, watch->fd);
		close(watch->fd);
	}
	free(watch->path);
	free(watch->copies[0]);
	free(watch->copies[1]);
	free(watch);
}
