/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "base/lock-file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/limits.h"

#define RETRY_MS 100

/* Freed by the caller. */
static char *dir_of(const char *path)
{
	char *copy = strdup(path), *dir = copy ? strdup(dirname(copy)) : NULL;

	if (!dir)
		die(STATUS_OTHER, "out of memory");
	free(copy);
	return dir;
}

static bool stat_dir(const char *path, struct stat *st)
{
	char *dir = dir_of(path);
	bool ok = stat(dir, st) == 0;

	free(dir);
	return ok;
}

static bool may_write_dir(const char *path)
{
	char *dir = dir_of(path);
	bool ok = faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0;

	free(dir);
	return ok;
}

/* True if the file belongs to us, to root or to the owner of its directory. */
static bool lock_has_owner(const char *path, const struct stat *st)
{
	struct stat dir;

	return st->st_uid == geteuid() || st->st_uid == 0 ||
	       (stat_dir(path, &dir) && st->st_uid == dir.st_uid);
}

/* Report what is wrong with the lock file, if anything is. */
static enum status check(const char *path, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		diag_error("the lock `%s' is not a regular file; move it "
			   "away", path);
	else if (!lock_has_owner(path, st))
		diag_error("the lock `%s' belongs to another user, uid %u: "
			   "wait until they are done, or remove it", path,
			   (unsigned int)st->st_uid);
	else if (st->st_nlink > 1)
		diag_error("the lock `%s' is a file with another hard link; "
			   "remove this name",
			   path);
	else
		return STATUS_OK;
	return STATUS_IDENTITY;
}

/*
 * Create the file, or return -1.  The mode does not depend on the umask, so
 * that the next process can open it.
 */
static int make_lock(const char *path)
{
	const mode_t mask = umask(077);
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const int error = errno;
	struct stat dir;

	umask(mask);
	/*
	 * A lock file that root creates must not keep out the directory's
	 * owner.
	 */
	if (fd >= 0 && stat_dir(path, &dir) && dir.st_uid != geteuid() &&
	    fchown(fd, dir.st_uid, dir.st_gid) < 0)
		diag_debug("cannot change the owner of the lock `%s': %s", path,
			   strerror(errno));
	errno = error;
	return fd;
}

/*
 * Open the lock file.  Returns STATUS_OK with *fd -1 if that failed: if *error
 * is 0, nobody can create the file; otherwise it is worth another try.
 */
static enum status open_lock(const char *path, int *fd, int *error)
{
	struct stat st = { 0 };
	bool there;

	/* Without O_NONBLOCK, a FIFO would make open wait for a reader. */
	*fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0 && errno == ENOENT)
		*fd = make_lock(path);
	*error = *fd < 0 ? errno : 0;
	if (*fd >= 0) {
		if (fstat(*fd, &st) == 0 && !check(path, &st))
			return STATUS_OK;
		close(*fd);
		*fd = -1;
		return STATUS_IDENTITY;
	}
	if (*error == EROFS || ((*error == EACCES || *error == EPERM) &&
				!may_write_dir(path))) {
		*error = 0;
		return STATUS_OK;
	}
	there = lstat(path, &st) == 0;
	if (there && check(path, &st))
		return STATUS_IDENTITY;
	/* Another process holds it, or it was removed or created meanwhile. */
	if (*error == EEXIST ||
	    (*error == EACCES && (!there || st.st_uid != geteuid())))
		return STATUS_OK;
	diag_error("cannot %s the lock `%s': %s", there ? "open" : "make", path,
		   strerror(*error));
	return STATUS_IDENTITY;
}

/* True if the path still leads to the file we have open. */
static bool is_there(const char *path, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
	       ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

enum status lock_file_take(const char *path, int *fd)
{
	enum status status;
	int error = 0;

	/* Open it on each try: the file may have been replaced. */
	for (int ms = 0; ms <= LOCK_FILE_WAIT_MS; ms += RETRY_MS) {
		status = open_lock(path, fd, &error);
		if (status || (*fd < 0 && error == 0))
			return status;
		if (*fd >= 0) {
			if (flock(*fd, LOCK_EX | LOCK_NB) == 0 &&
			    is_there(path, *fd))
				return STATUS_OK;
			close(*fd);
			*fd = -1;
		}
		usleep(RETRY_MS * 1000);
	}
	if (error)
		diag_error("the lock `%s' could not be opened for %d s (%s): "
			   "wait for its holder, or remove it", path,
			   LOCK_FILE_WAIT_MS / 1000, strerror(error));
	else
		diag_error("another blesec-provision has held `%s' for %d s: "
			   "wait for it, or end it", path,
			   LOCK_FILE_WAIT_MS / 1000);
	return STATUS_IDENTITY;
}

void lock_file_drop(int fd)
{
	if (fd >= 0)
		close(fd);
}
