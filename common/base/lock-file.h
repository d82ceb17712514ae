/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lock that only users with write access to its directory can hold: an empty
 * file there, locked by flock(2).  The file is never removed.
 */
#ifndef BLESEC_LOCK_FILE_H
#define BLESEC_LOCK_FILE_H

#include "base/diag.h"

/*
 * Lock the file, creating it if it does not exist, and wait at most
 * LOCK_FILE_WAIT_MS.  If possible, give a new file to the owner of the
 * directory, so that it does not keep them out.
 *
 * Returns STATUS_OK, with *fd -1 if nobody can create the file (the file system
 * is read-only, or we may not write to the directory); no lock is needed then.
 * Returns STATUS_IDENTITY, after saying why and what to do, if the lock was
 * held the whole time, if the file is not a regular file or has a second name,
 * or if its owner is neither root, nor us, nor the owner of the directory.
 * Call lock_file_drop in any case.
 */
enum status lock_file_take(const char *path, int *fd);

/* Unlock the file; accepts -1. */
void lock_file_drop(int fd);

#endif
