/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of an identity, replaced alone: what belongs to no set. */
#include "config.h"
#include "enrol/enrol.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "pki/identity.h"

static bool write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* Readable for all, the owner's of the directory, and on the disk. */
static bool write_new(int dir, const char *name, const char *text, size_t len)
{
	struct stat st;
	int fd;
	bool ok;

	/* Left by one that was killed. */
	unlinkat(dir, name, 0);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return false;
	ok = fstat(dir, &st) == 0 && fchmod(fd, 0644) == 0 &&
	     ((st.st_uid == geteuid() && st.st_gid == getegid()) ||
	      fchown(fd, st.st_uid, st.st_gid) == 0) &&
	     write_all(fd, text, len) && fsync(fd) == 0;
	return close(fd) == 0 && ok;
}

enum status enrol_lock_files(const char *dir, struct lock_file *lock)
{
	char *path = identity_path(dir, ENROL_FILES_LOCK);
	enum status status = lock_file_take(lock, path);

	free(path);
	return status;
}

enum status enrol_put_file(const char *path, const char *name,
			   const char *text, size_t len)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char temporary[NAME_MAX + 1];
	bool ok;

	snprintf(temporary, sizeof(temporary), ".%s.new", name);
	ok = dir >= 0 && write_new(dir, temporary, text, len) &&
	     renameat(dir, temporary, dir, name) == 0;
	if (!ok) {
		diag_error("cannot write `%s/%s': %s", path, name,
			   strerror(errno));
		if (dir >= 0)
			unlinkat(dir, temporary, 0);
	}
	if (dir >= 0) {
		fsync(dir);
		close(dir);
	}
	return ok ? STATUS_OK : STATUS_IDENTITY;
}
