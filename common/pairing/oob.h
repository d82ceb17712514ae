/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LE Secure Connections out-of-band data (Core 5.4 Vol 3 Part H 2.3.5.6.4),
 * and the forms in which it is carried.  Pure.
 */
#ifndef BLESEC_OOB_H
#define BLESEC_OOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>

#define OOB_VALUE 16		/* octets of a confirm and of a random value */
#define OOB_ENCODED_MAX 256	/* characters or octets of any form, NUL too */

/* LE Role (Supplement, Part A 1.17). */
enum oob_role {
	OOB_ROLE_PERIPHERAL = 0,
	OOB_ROLE_CENTRAL = 1,
	OOB_ROLE_PREFER_PERIPHERAL = 2,
	OOB_ROLE_PREFER_CENTRAL = 3,
	OOB_ROLE_UNKNOWN = 0xff,
};

/*
 * Values are in the order of the air, least significant octet first, as the
 * management socket has them and btmgmt prints them.
 */
struct oob {
	bdaddr_t bdaddr;
	uint8_t type;			/* BDADDR_LE_PUBLIC or _RANDOM */
	uint8_t role;			/* enum oob_role */
	uint8_t confirm[OOB_VALUE];
	uint8_t random[OOB_VALUE];
};

enum oob_format {
	OOB_JSON,	/* one line, with its newline */
	OOB_EIR,	/* advertising data structures (Vol 3 Part C 11) */
	OOB_NDEF,	/* one record application/vnd.bluetooth.le.oob */
	OOB_HEX,	/* OOB_EIR in capital hexadecimal digits: a QR code's */
	OOB_BTMGMT,	/* the arguments of btmgmt(1), a line */
};

/* False if there is no format of that name ("json", "eir", ...). */
bool oob_format_parse(const char *name, enum oob_format *format);

/* Returns the length written to out, which is not terminated. */
size_t oob_encode(const struct oob *oob, enum oob_format format,
		  uint8_t out[OOB_ENCODED_MAX]);

/*
 * Find out which form this is, and decode it.  Data without an address, a
 * confirm or a random value, or with one of them twice, is refused.
 * Returns NULL, or what is wrong, in words.
 */
const char *oob_decode(const uint8_t *data, size_t len, struct oob *oob);

/*
 * Decode advertising data structures, as the kernel's Read Local OOB Extended
 * Data returns them too.
 */
const char *oob_decode_eir(const uint8_t *data, size_t len, struct oob *oob);

/* Cleanse the secret parts. */
void oob_clear(struct oob *oob);

#endif
