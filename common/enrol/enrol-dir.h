/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The directories beside DIR in which an identity is made.  Who owns the
 * directory that they are in may put there what he likes, also for root to
 * find: no link in their place is followed.
 */
#ifndef BLESEC_ENROL_DIR_H
#define BLESEC_ENROL_DIR_H

#include <dirent.h>
#include <stdio.h>
#include <sys/types.h>

#include "enrol/enrol.h"

/* In DIR, of no identity; see enrol_lock_files. */
#define ENROL_FILES_LOCK ".lock"

/* A descriptor of the directory, close-on-exec, or -1 and errno. */
int enrol_dir_open(const char *path);

/* Likewise, to list it; or NULL and errno. */
DIR *enrol_dir_list(const char *path);

/*
 * Make it anew, for the identity in enrol->dir: what is there is removed.
 * STATUS_OK, or STATUS_IDENTITY having said why: what is there is not a
 * directory, or that of another than us and the owner of DIR, or of its parent
 * if there is no DIR.
 */
enum status enrol_dir_make(const struct enrol *enrol, const char *path);

/*
 * Remove it, a directory of files, one level: all that an identity is.  What
 * enrol_dir_make refuses is left as it is.
 */
void enrol_dir_remove(const struct enrol *enrol, const char *path);

/*
 * A new file in it, in place of one that is there, whatever the umask; or NULL
 * having said why.
 */
FILE *enrol_dir_create(const char *path, const char *name, mode_t mode);

/*
 * For whoever replaces files of DIR one by one: as long as it is held, neither
 * does another, nor does enrol_commit.  The lock is in DIR, so that DIR is all
 * that has to be written.  As lock_file_take.
 */
enum status enrol_lock_files(const char *dir, int *lock);

/*
 * Put a file that is no secret, such as a crl.pem, into DIR, in one step: it is
 * the old one or the new one.  Under enrol_lock_files.  Returns STATUS_OK, or
 * STATUS_IDENTITY having said why.
 */
enum status enrol_put_file(const char *dir, const char *name, const char *text,
			   size_t len);

#endif
