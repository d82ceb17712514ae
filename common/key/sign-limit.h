/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the private key signs: 10 times a second for all sessions together
 * after a burst of 32, and half of that for one address.  Pure.
 */
#ifndef BLESEC_SIGN_LIMIT_H
#define BLESEC_SIGN_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGN_ADDRESSES 64	/* that are remembered */

struct sign_bucket {
	uint64_t from;		/* whose; 0 is nobody's */
	unsigned int left;
	uint64_t filled;	/* when the last one was added */
};

struct sign_limit {
	struct sign_bucket all, each[SIGN_ADDRESSES];
};

/* Times are those of loop_now. */
void sign_limit_start(struct sign_limit *limit, uint64_t now);

/*
 * True if one more may be signed.  from is the address as a number; 0 if there
 * is none, as on unix, where only the limit for all applies.
 */
bool sign_limit_allows(struct sign_limit *limit, uint64_t from, uint64_t now);

/* One is signed. */
void sign_limit_spend(struct sign_limit *limit, uint64_t from, uint64_t now);

#endif
