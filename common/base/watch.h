/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changes of files and directories, from inotify(7) through the loop. */
#ifndef BLESEC_WATCH_H
#define BLESEC_WATCH_H

#include <stdint.h>
#include <sys/inotify.h>

#include "base/loop.h"

struct watch;

/*
 * Call fn for each event of what watch_add has added.  fn may add more, but not
 * free the watch.  NULL with errno if there is no inotify.
 */
struct watch *watch_new(struct loop *loop,
			void (*fn)(const struct inotify_event *event,
				   void *arg), void *arg);
/* NULL is fine. */
void watch_free(struct watch *watch);

/* As inotify_add_watch(2): returns what events have as wd, or -1 with errno. */
int watch_add(struct watch *watch, const char *path, uint32_t mask);
/* wd must be one that watch_add has returned. */
void watch_remove(struct watch *watch, int wd);

#endif
