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

#endif
