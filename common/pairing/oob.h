/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * LE Secure Connections out-of-band data (Core 5.4 Vol 3 Part H 2.3.5.6.4):
 * encode it to and decode it from its formats.  The functions are pure.
 */
#ifndef BLESEC_OOB_H
#define BLESEC_OOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>

#define OOB_VALUE 16		/* octets of a confirm and of a random value */
#define OOB_ENCODED_MAX 256	/* octets of any format, with a NUL */

/* LE Role (Core Specification Supplement, Part A 1.17). */
enum oob_role {
	OOB_ROLE_PERIPHERAL = 0,
	OOB_ROLE_CENTRAL = 1,
	OOB_ROLE_PREFER_PERIPHERAL = 2,
	OOB_ROLE_PREFER_CENTRAL = 3,
	OOB_ROLE_UNKNOWN = 0xff,
};

/*
 * The values are in the order of transmission, least significant octet first,
 * as on the management socket and in the output of btmgmt.
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
	OOB_HEX,	/* OOB_EIR in capital hexadecimal, for QR codes */
	OOB_BTMGMT,	/* a line of arguments for btmgmt(1) */
};

/* Parse a format's name ("json", "eir", ...); false if there is none. */
bool oob_format_parse(const char *name, enum oob_format *format);

/* Encode the data to out, without a NUL.  Returns the length in octets.  The
 * caller cleanses out. */
size_t oob_encode(const struct oob *oob, enum oob_format format,
		  uint8_t out[OOB_ENCODED_MAX]);

/*
 * Detect the format of the data and decode it.  Data that lacks the address,
 * the confirm value or the random value is refused, as are structures that hold
 * one of them twice.  Returns NULL, or a static text that says what is wrong.
 * The caller clears *oob either way.
 */
const char *oob_decode(const uint8_t *data, size_t len, struct oob *oob);

/*
 * Decode OOB_EIR, the format in which the kernel's Read Local OOB Extended Data
 * returns the data too.  Returns as oob_decode.
 */
const char *oob_decode_eir(const uint8_t *data, size_t len, struct oob *oob);

/* Cleanse the whole structure. */
void oob_clear(struct oob *oob);

#endif
