/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/read-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/diag.h"

/*
 * Open for read_file; without O_NONBLOCK, opening a FIFO would wait for a
 * writer.
 */
static int open_regular(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	memset(st, 0, sizeof(*st));
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	close(fd);
	errno = EINVAL;
	return -1;
}

ssize_t read_file(const char *path, void *data, size_t size, struct stat *st)
{
	int fd = open_regular(path, st), error;
	size_t used = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && used < size) {
		n = read(fd, (char *)data + used, size - used);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			used += (size_t)n;
	}
	error = errno;
	if (fd >= 0)
		close(fd);
	errno = error;
	return n < 0 ? -1 : (ssize_t)used;
}

FILE *read_file_open(const char *path, const char *wanted)
{
	struct stat st;
	int fd = open_regular(path, &st);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (file)
		return file;
	if (fd >= 0 || !st.st_mode)
		diag_error("cannot open `%s': %s", path, strerror(errno));
	else
		diag_error("`%s' is %s; %s is wanted", path,
			   S_ISDIR(st.st_mode) ? "a directory" : "not a file",
			   wanted);
	if (fd >= 0)
		close(fd);
	return NULL;
}
