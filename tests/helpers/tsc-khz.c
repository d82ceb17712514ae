/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tsc-khz: print the rate of this processor's time stamp counter, which an
 * emulated guest sees unchanged.  The guest's kernel measures it at boot, and
 * gets it wrong on a busy machine: its clock then runs several times too fast.
 */
#include "config.h"

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#ifdef __x86_64__
#include <x86intrin.h>

struct moment {
	uint64_t ticks, ns;
};

static uint64_t clock_ns(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_MONOTONIC_RAW, &t) < 0)
		err(1, "cannot read the clock");
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Read both clocks at nearly the same time: the closest of many tries. */
static struct moment read_moment(void)
{
	struct moment best = {0};
	uint64_t closest = UINT64_MAX;

	for (int i = 0; i < 1000; i++) {
		const uint64_t before = __rdtsc();
		const uint64_t ns = clock_ns();
		const uint64_t took = __rdtsc() - before;

		if (took < closest) {
			closest = took;
			best = (struct moment){before + took / 2, ns};
		}
	}
	return best;
}

int main(void)
{
	const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
	const struct moment first = read_moment();
	struct moment last;

	nanosleep(&pause, NULL);
	last = read_moment();
	printf("%llu\n", (unsigned long long)((last.ticks - first.ticks) *
					      1000000 / (last.ns - first.ns)));
	return 0;
}
#else
int main(void)
{
	errx(1, "there is none on this machine");
}
#endif
