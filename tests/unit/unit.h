/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test needs. */
#ifndef BLESEC_UNIT_H
#define BLESEC_UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                      \
	do {                                                                  \
		if (!(condition)) {                                           \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,    \
				#condition);                                  \
			exit(1);                                              \
		}                                                             \
	} while (0)

/* Valgrind does not know seccomp(2), and its own calls would be refused. */
static inline bool under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload && strstr(preload, "vgpreload");
}

#endif
