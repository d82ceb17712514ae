/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directories beside DIR in which an identity is made.  The owner of the
 * parent directory can plant anything there for root to find, so a link in
 * their place is never followed.
 */
#ifndef BLESEC_ENROL_DIR_H
#define BLESEC_ENROL_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <sys/types.h>

#include "enrol/enrol.h"

/* The lock in DIR, which is not part of the identity; see enrol_lock_files. */
#define ENROL_FILES_LOCK ".lock"

/* Open the directory, close-on-exec.  Returns -1 with errno on failure. */
int enrol_dir_open(const char *path);

/* Open the directory to list it.  Returns NULL with errno on failure. */
DIR *enrol_dir_list(const char *path);

/*
 * Remove the directory if it exists, and create it anew for the identity in
 * enrol->dir.  Returns STATUS_OK, or STATUS_IDENTITY after saying why: the name
 * is not a directory, or belongs neither to us nor to the owner of DIR (or of
 * its parent, if there is no DIR).
 */
enum status enrol_dir_make(const struct enrol *enrol, const char *path);

/*
 * Remove a directory and the files in it, which has no subdirectories, as in an
 * identity.  Leaves alone what enrol_dir_make refuses.
 */
void enrol_dir_remove(const struct enrol *enrol, const char *path);

/*
 * Create a file in the directory, replacing an old one, whatever the umask.
 * Returns NULL after saying why.
 */
FILE *enrol_dir_create(const char *path, const char *name, mode_t mode);

/*
 * Lock DIR/.lock to replace files in DIR one by one.  While it is held, no
 * other process does so, nor does enrol_commit.  The lock is in DIR, so that
 * only DIR needs to be writable.  Returns the status of lock_file_take.
 */
enum status enrol_lock_files(const char *dir, int *lock);

/*
 * Replace a file in DIR that is not secret, such as crl.pem, in one step: it is
 * either the old file or the new one.  Hold enrol_lock_files.  Returns
 * STATUS_OK, or STATUS_IDENTITY after saying why.
 */
enum status enrol_put_file(const char *dir, const char *name, const char *text,
			   size_t len);

#endif
