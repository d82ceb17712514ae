/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the private key may sign: 10 times a second for all sessions
 * together after a burst of 32, and half of that for one address.  No I/O.
 */
#ifndef BLESEC_SIGN_LIMIT_H
#define BLESEC_SIGN_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIGN_ADDRESSES 64	/* addresses that are remembered */

struct sign_bucket {
	uint64_t from;		/* the address; 0: unused */
	unsigned int left;
	uint64_t filled;	/* when the last token was added */
};

struct sign_limit {
	struct sign_bucket all, each[SIGN_ADDRESSES];
};

/* Times are those of loop_now. */
void sign_limit_start(struct sign_limit *limit, uint64_t now);

/*
 * True if another signature is allowed.  from is the address as a number; with
 * 0, as for unix sockets, only the limit for all sessions applies.
 */
bool sign_limit_allows(struct sign_limit *limit, uint64_t from, uint64_t now);

/* Count one signature. */
void sign_limit_spend(struct sign_limit *limit, uint64_t from, uint64_t now);

#endif
