/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an EST server wants to see in a request: CsrAttrs (RFC 7030 section
 * 4.5.2, RFC 8951 section 3.5).  Pure.
 */
#ifndef BLESEC_EST_ATTRIBUTES_H
#define BLESEC_EST_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/est-answer.h"

#define EST_WISHES_MAX 32

/* An OID, or an attribute with one of its values. */
struct est_wish {
	char name[80];		/* in words where known, else dotted */
	bool given;		/* a request of ours has it */
};

struct est_wishes {
	size_t count;
	struct est_wish list[EST_WISHES_MAX];
};

/*
 * bits: of the key that the request is for, 256 or 384, which decides what is
 * given.  False with the fault if this is not a CsrAttrs, or one of more than
 * EST_WISHES_MAX.
 */
bool est_wishes_parse(const uint8_t *der, size_t len, int bits,
		      struct est_wishes *wishes, struct est_fault *fault);

#endif
