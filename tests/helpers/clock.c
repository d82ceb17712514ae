/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock.so, for LD_PRELOAD: change the time of day.
 *
 * The first eight octets of CLOCK_FILE are an integer in host byte order: the
 * seconds to add to CLOCK_REALTIME, which may change at any time.
 * CLOCK_MONOTONIC is left alone, as settimeofday(2) does.
 */
#include "config.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/time.h>

static volatile int64_t *offset;	/* shared by all processes */

__attribute__((constructor)) static void begin(void)
{
	const char *file = getenv("CLOCK_FILE");
	int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	void *at = mmap(NULL, sizeof(*offset), PROT_READ, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		_exit(99);
	close(fd);
	offset = at;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	static int (*next)(clockid_t, struct timespec *);
	int result;

	if (!next)
		*(void **)&next = dlsym(RTLD_NEXT, "clock_gettime");
	result = next(clock, now);
	if (!result && offset &&
	    (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		now->tv_sec += *offset;
	return result;
}

time_t time(time_t *where)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (where)
		*where = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec real;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &real);
	now->tv_sec = real.tv_sec;
	now->tv_usec = real.tv_nsec / 1000;
	return 0;
}
