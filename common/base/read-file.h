/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading regular files, never more than is asked for and without waiting. */
#ifndef BLESEC_READ_FILE_H
#define BLESEC_READ_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Read at most size octets of a regular file.  Returns how many there are; if
 * that is size, there may be more.  Else -1 with errno: st->st_mode is then 0
 * if the file cannot be opened, and not that of a regular file if it is none,
 * which is not read.
 */
ssize_t read_file(const char *path, void *data, size_t size, struct stat *st);

/*
 * Open a regular file to read; NULL having said what is wrong.  wanted says what
 * it should have been: "a PEM file of CRLs".
 */
FILE *read_file_open(const char *path, const char *wanted);

#endif
