/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read the fuzzer's input octet by octet, and check conditions. */
#ifndef BLESEC_FUZZ_H
#define BLESEC_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t *input;
static size_t left;

#define must(condition)                                                       \
	do {                                                                  \
		if (!(condition)) {                                           \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,    \
				#condition);                                  \
			abort();                                              \
		}                                                             \
	} while (0)

/* The next octet; 0 after the end. */
static inline uint8_t next(void)
{
	if (!left)
		return 0;
	left--;
	return *input++;
}

/* The next n octets; zeros after the end. */
static inline void fill(void *to, size_t n)
{
	uint8_t *p = to;

	while (n--)
		*p++ = next();
}

/* A copy of exactly this length, so that the sanitizer sees reads beyond it.
 * The caller frees it. */
static inline uint8_t *exactly(const void *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	must(!!copy);
	if (len)
		memcpy(copy, data, len);
	return copy;
}

#endif
