/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directories beside DIR in which an identity is made.  The owner of the
 * directory that they are in can put anything there for root to find: no link
 * in their place is followed.
 */
#ifndef BLESEC_ENROL_DIR_H
#define BLESEC_ENROL_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <sys/types.h>

#include "enrol/enrol.h"

/* The lock in DIR, which is not part of the identity; see enrol_lock_files. */
#define ENROL_FILES_LOCK ".lock"

/* Open the directory, close-on-exec; -1 with errno if that fails. */
int enrol_dir_open(const char *path);

/* Open it to list it; NULL with errno if that fails. */
DIR *enrol_dir_list(const char *path);

/*
 * Make the directory anew, for the identity in enrol->dir, removing what is
 * there.  Returns STATUS_OK, or STATUS_IDENTITY having said why: what is there
 * is not a directory, or it belongs neither to us nor to the owner of DIR (of
 * its parent, if there is no DIR).
 */
enum status enrol_dir_make(const struct enrol *enrol, const char *path);

/*
 * Remove a directory and the files in it, which are one level deep, as an
 * identity is.  What enrol_dir_make refuses is left alone.
 */
void enrol_dir_remove(const struct enrol *enrol, const char *path);

/*
 * Create a file in it, replacing one that is there, whatever the umask; NULL
 * having said why.
 */
FILE *enrol_dir_create(const char *path, const char *name, mode_t mode);

/*
 * Lock DIR/.lock to replace files of DIR one by one: while it is held, nobody
 * else does so, nor does enrol_commit.  The lock is in DIR, so that nothing but
 * DIR needs to be writable.  Returns as lock_file_take.
 */
enum status enrol_lock_files(const char *dir, int *lock);

/*
 * Put a file that is no secret, such as crl.pem, into DIR in one step: it is
 * the old file or the new one.  Call it under enrol_lock_files.  Returns
 * STATUS_OK, or STATUS_IDENTITY having said why.
 */
enum status enrol_put_file(const char *dir, const char *name, const char *text,
			   size_t len);

#endif
