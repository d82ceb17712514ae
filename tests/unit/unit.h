/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least that a unit test needs. */
#ifndef BLESEC_UNIT_H
#define BLESEC_UNIT_H

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

#endif
