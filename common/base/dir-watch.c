/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/dir-watch.h"

#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/limits.h"
#include "base/watch.h"

#define IN_THE_DIR (IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB |      \
		    IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF |     \
		    IN_ONLYDIR)
#define IN_THE_PARENT (IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)

struct dir_watch {
	struct loop *loop;
	struct watch *watch;
	int dir, parent;		/* of inotify; -1: not watched */
	char *path, *copies[2];
	const char *name;		/* in the parent */
	struct loop_timer settle;
	uint64_t first;			/* change that is not told yet */
	loop_timer_fn fn;
	void *arg;
};

/* What has that name now. */
static void dir_watch_look(struct dir_watch *watch)
{
	int dir = watch_add(watch->watch, watch->path, IN_THE_DIR);

	if (watch->dir >= 0 && watch->dir != dir)
		watch_remove(watch->watch, watch->dir);
	watch->dir = dir;
}

static void dir_watch_settled(void *arg)
{
	struct dir_watch *watch = arg;

	/* First, so that a change while it is read is reported, too. */
	dir_watch_look(watch);
	watch->fn(watch->arg);
}

static bool dir_watch_concerns(const struct dir_watch *watch,
			       const struct inotify_event *event)
{
	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (event->wd == watch->parent && event->len &&
	    !strcmp(event->name, watch->name))
		return true;
	return event->wd == watch->dir && !(event->mask & IN_IGNORED);
}

static void dir_watch_note(struct dir_watch *watch)
{
	if (!watch->settle.armed)
		watch->first = loop_now();
	if (loop_now() - watch->first < 1000 * DIR_WATCH_LONGEST_MS)
		loop_after(watch->loop, &watch->settle, DIR_WATCH_SETTLE_MS,
			   dir_watch_settled, watch);
}

static void dir_watch_on_event(const struct inotify_event *event, void *arg)
{
	if (dir_watch_concerns(arg, event))
		dir_watch_note(arg);
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
	watch->watch = watch_new(loop, dir_watch_on_event, watch);
	if (!watch->watch) {
		dir_watch_stop(watch);
		return NULL;
	}
	watch->name = basename(watch->copies[0]);
	/*
	 * The parent may not be ours to list; then a directory that is moved
	 * away is lost sight of.
	 */
	watch->parent = watch_add(watch->watch, dirname(watch->copies[1]),
				  IN_THE_PARENT);
	dir_watch_look(watch);
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
	watch_free(watch->watch);
	free(watch->path);
	free(watch->copies[0]);
	free(watch->copies[1]);
	free(watch);
}
