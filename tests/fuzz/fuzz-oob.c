/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is taken for out-of-band data means the same in every format. */
#include "config.h"
#include "oob.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void same(const struct oob *oob, enum oob_format format)
{
	uint8_t text[OOB_ENCODED_MAX];
	size_t len = oob_encode(oob, format, text);
	struct oob again;

	if (len > sizeof(text) || oob_decode(text, len, &again))
		abort();
	/* The line of btmgmt has no role. */
	if (format == OOB_BTMGMT)
		again.role = oob->role;
	if (memcmp(&again, oob, sizeof(again)))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* Exactly as long as it is, for the sanitizer to see. */
	uint8_t *copy = malloc(len ? len : 1);
	struct oob oob;

	memcpy(copy, data, len);
	if (!oob_decode(copy, len, &oob)) {
		for (int format = OOB_JSON; format <= OOB_BTMGMT; format++)
			same(&oob, (enum oob_format)format);
		if (!oob_decode_eir(copy, len, &oob))
			same(&oob, OOB_EIR);
	}
	free(copy);
	return 0;
}
