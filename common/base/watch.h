/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Watch files and directories for changes, with inotify(7) and the loop. */
#ifndef BLESEC_WATCH_H
#define BLESEC_WATCH_H

#include <stdint.h>
#include <sys/inotify.h>

#include "base/loop.h"

struct watch;

/*
 * Call fn for each event on what watch_add has added.  fn may call watch_add,
 * but must not free the watch.  Returns NULL with errno set if inotify is not
 * available.
 */
struct watch *watch_new(struct loop *loop,
			void (*fn)(const struct inotify_event *event,
				   void *arg), void *arg);
/* Accepts NULL. */
void watch_free(struct watch *watch);

/*
 * Like inotify_add_watch(2): returns the wd of later events, or -1 with errno.
 */
int watch_add(struct watch *watch, const char *path, uint32_t mask);
/* wd must come from watch_add. */
void watch_remove(struct watch *watch, int wd);

#endif
