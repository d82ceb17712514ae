/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read regular files, with a limit on the size and without waiting. */
#ifndef BLESEC_READ_FILE_H
#define BLESEC_READ_FILE_H

#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>

/*
 * Read at most size octets of a regular file.  Returns the number read; if that
 * is size, the file may be longer.  Returns -1 with errno set on failure:
 * st->st_mode is 0 if the file cannot be opened, and the mode of the file if it
 * is not a regular file.
 */
ssize_t read_file(const char *path, void *data, size_t size, struct stat *st);

/*
 * Open a regular file for reading.  Returns NULL after saying what is wrong.
 * wanted describes the file that was expected: "a PEM file of CRLs".
 */
FILE *read_file_open(const char *path, const char *wanted);

#endif
