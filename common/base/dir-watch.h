/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Report that a directory or its content has changed, also when another
 * directory takes its place or the symbolic link that is its name points
 * elsewhere.
 */
#ifndef BLESEC_DIR_WATCH_H
#define BLESEC_DIR_WATCH_H

#include "base/loop.h"

struct dir_watch;

/*
 * Call fn one second after the last change, or ten seconds after the first one
 * if changes keep coming.  If the directory holds links to files elsewhere,
 * changes to those files are not seen.  Returns NULL with errno set if the
 * directory cannot be watched.
 */
struct dir_watch *dir_watch_start(struct loop *loop, const char *path,
				  loop_timer_fn fn, void *arg);
/* Accepts NULL. */
void dir_watch_stop(struct dir_watch *watch);

#endif
