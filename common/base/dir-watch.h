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
 * Call fn when something has changed and then nothing has for a second, or
 * after ten seconds of changes.  Changes of files that are only linked to from
 * the directory are not seen.  Returns NULL with errno if it cannot be watched.
 */
struct dir_watch *dir_watch_start(struct loop *loop, const char *path,
				  loop_timer_fn fn, void *arg);
/* NULL is fine. */
void dir_watch_stop(struct dir_watch *watch);

#endif
