/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lock that only who may write into its directory can hold: an empty file
 * there, locked by flock(2), which is gone when nobody holds it.
 */
#ifndef BLESEC_LOCK_FILE_H
#define BLESEC_LOCK_FILE_H

#include "base/diag.h"

struct lock_file {
	char *path;
	int fd;			/* -1: not held */
};

/*
 * Make and lock the file, waiting at most 30 seconds.  Where nobody can make it
 * (a file system that is read only, a directory that is not to be written by
 * us), there is nothing to keep others from: STATUS_OK, and it is not held.
 * Else STATUS_OK, or STATUS_IDENTITY having said why and what to do: what is
 * there is not a file, or has another name, too, or is that of somebody who is
 * not root and does not own the directory.  A new one belongs to who owns the
 * directory, where we may give it: of what a process that was killed has left,
 * nothing is in the way.
 * lock_file_drop in any case.
 */
enum status lock_file_take(struct lock_file *lock, const char *path);

/* Remove and unlock it. */
void lock_file_drop(struct lock_file *lock);

#endif
