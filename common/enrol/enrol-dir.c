/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "enrol/enrol-dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "base/lock-file.h"
#include "pki/identity.h"

int enrol_dir_open(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

DIR *enrol_dir_list(const char *path)
{
	int fd = enrol_dir_open(path);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

static bool enrol_has_owner(const struct enrol *enrol, const struct stat *st)
{
	struct stat place;

	if (st->st_uid == geteuid())
		return true;
	return (stat(enrol->dir, &place) == 0 ||
		stat(enrol->parent, &place) == 0) &&
	       st->st_uid == place.st_uid;
}

void enrol_dir_remove(const struct enrol *enrol, const char *path)
{
	DIR *dir = enrol_dir_list(path);
	const struct dirent *entry;
	struct stat st;

	if (!dir)
		return;
	if (fstat(dirfd(dir), &st) == 0 && enrol_has_owner(enrol, &st)) {
		while ((entry = readdir(dir)))
			unlinkat(dirfd(dir), entry->d_name, 0);
		rmdir(path);
	}
	closedir(dir);
}

/* Report why the directory could not be made. */
static enum status refuse_dir(const struct enrol *enrol, const char *path,
			      int error)
{
	struct stat st;

	if (error != EEXIST || lstat(path, &st) < 0)
		diag_error("cannot make the directory `%s': %s", path,
			   strerror(error));
	else if (!S_ISDIR(st.st_mode))
		diag_error("`%s' is in the way: it is %s; move it away", path,
			   S_ISLNK(st.st_mode) ? "a link, which is not followed"
					       : "not a directory");
	else if (!enrol_has_owner(enrol, &st))
		diag_error("`%s' is in the way: it belongs to another user, "
			   "uid %u; move it away",
			   path, (unsigned int)st.st_uid);
	else
		diag_error("`%s' is in the way: its contents cannot be "
			   "removed; move it away", path);
	return STATUS_IDENTITY;
}

enum status enrol_dir_make(const struct enrol *enrol, const char *path)
{
	const mode_t mask = umask(0);
	int error = 0;

	/*
	 * A umask may deny others access to the directory, but not its owner.
	 */
	umask(mask & 077);
	enrol_dir_remove(enrol, path);
	if (mkdir(path, 0755) < 0)
		error = errno;
	umask(mask);
	return error ? refuse_dir(enrol, path, error) : STATUS_OK;
}

FILE *enrol_dir_create(const char *path, const char *name, mode_t mode)
{
	int dir = enrol_dir_open(path), fd = -1;
	FILE *file = NULL;

	if (dir >= 0) {
		unlinkat(dir, name, 0);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			    mode);
	}
	if (fd >= 0 && fchmod(fd, mode) == 0)
		file = fdopen(fd, "w");
	if (!file) {
		diag_error("cannot create `%s/%s': %s", path, name,
			   strerror(errno));
		if (fd >= 0)
			close(fd);
	}
	if (dir >= 0)
		close(dir);
	return file;
}

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

/*
 * Write a file that everyone can read, that belongs to the owner of the
 * directory, and that is flushed to disk.
 */
static bool write_new(int dir, const char *name, const char *text, size_t len)
{
	struct stat st;
	int fd;
	bool ok;

	/* A killed process may have left one behind. */
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

enum status enrol_lock_files(const char *dir, int *lock)
{
	char *path = identity_path(dir, ENROL_FILES_LOCK);
	enum status status = lock_file_take(path, lock);

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
