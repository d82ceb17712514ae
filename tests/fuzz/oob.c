/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Out-of-band data that can be decoded survives being encoded and decoded in
 * every format.  Input: raw octets; or, after an octet 0xff, the values to
 * encode and the changes to make to the encoded data.
 *
 * sources: pairing/oob.c base/hex.c
 * options: -max_len=600
 * runs: 150000
 * long: 20000000
 */
#include "config.h"
#include "fuzz.h"
#include "pairing/oob.h"

static void same(const struct oob *oob, enum oob_format format)
{
	uint8_t text[OOB_ENCODED_MAX];
	size_t len = oob_encode(oob, format, text);
	struct oob again;

	must(len <= sizeof(text) && !oob_decode(text, len, &again));
	/* OOB_BTMGMT does not carry the role. */
	if (format == OOB_BTMGMT)
		again.role = oob->role;
	must(!memcmp(&again, oob, sizeof(again)));
}

static void decode(const uint8_t *data, size_t len)
{
	uint8_t *copy = exactly(data, len);
	struct oob oob;

	if (!oob_decode(copy, len, &oob)) {
		for (int format = OOB_JSON; format <= OOB_BTMGMT; format++)
			same(&oob, (enum oob_format)format);
		if (!oob_decode_eir(copy, len, &oob))
			same(&oob, OOB_EIR);
	}
	free(copy);
}

static void made(void)
{
	static const uint8_t roles[] = { 0, 1, 2, 3, OOB_ROLE_UNKNOWN };
	const uint8_t how = next();
	uint8_t text[OOB_ENCODED_MAX];
	struct oob oob = {
		.type = how & 1 ? BDADDR_LE_RANDOM : BDADDR_LE_PUBLIC,
		.role = roles[(how >> 1) % 5],
	};
	size_t len, at;

	fill(&oob.bdaddr, sizeof(oob.bdaddr));
	fill(oob.confirm, OOB_VALUE);
	fill(oob.random, OOB_VALUE);
	for (int format = OOB_JSON; format <= OOB_BTMGMT; format++)
		same(&oob, (enum oob_format)format);
	len = oob_encode(&oob, (enum oob_format)((how >> 4) % 5), text);
	for (unsigned int i = next() % 4; i; i--) {
		at = next() % len;
		text[at] = next();
	}
	decode(text, len - next() % 3U);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	input = data;
	left = len;
	if (len && *data == 0xff) {
		next();
		made();
	} else {
		decode(data, len);
	}
	return 0;
}
