/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A lock that only those who may write to its directory can hold: an empty file
 * there, which stays, locked by flock(2).
 */
#ifndef BLESEC_LOCK_FILE_H
#define BLESEC_LOCK_FILE_H

#include "base/diag.h"

/*
 * Lock the file, which is made if it is not there, waiting at most
 * LOCK_FILE_WAIT_MS.  A new one is given to the owner of the directory, if we
 * may, so that it does not keep them out.
 *
 * Returns STATUS_OK, with *fd -1 if nobody can make the file (the file system is
 * read-only, or we may not write to the directory): then there is nothing to
 * keep others from.  Else STATUS_IDENTITY having said why and what to do: it was
 * held all the time, what is there is not a regular file or has a second name,
 * or it belongs to a user who is neither root nor the owner of the directory.
 * lock_file_drop in any case.
 */
enum status lock_file_take(const char *path, int *fd);

/* Unlock it; -1 is fine. */
void lock_file_drop(int fd);

#endif
