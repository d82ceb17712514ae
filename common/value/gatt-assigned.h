/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Bluetooth assigned numbers of GATT: their names, their kinds, and how the
 * values are laid out (GATT Specification Supplement; gatt-format.h has the
 * language of the layouts).  Pure.
 */
#ifndef BLESEC_GATT_ASSIGNED_H
#define BLESEC_GATT_ASSIGNED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "att/att.h"

#define GATT_UUID_TEXT 37	/* with the NUL */

/* Bits, so that a caller can accept several kinds. */
enum gatt_kind {
	GATT_KIND_SERVICE = 1,
	GATT_KIND_CHARACTERISTIC = 2,
	GATT_KIND_DESCRIPTOR = 4,
	GATT_KIND_DECLARATION = 8,
	GATT_KIND_ANY = 15,
};

struct gatt_assigned {
	uint16_t number;
	uint8_t kind;			/* one enum gatt_kind */
	const char *name;
	const char *format;		/* NULL: opaque, or has no value */
};

/* Sorted by number, each once. */
extern const struct gatt_assigned gatt_assigned_table[];
extern const size_t gatt_assigned_count;

/* "service", "characteristic", "descriptor", "declaration". */
const char *gatt_kind_name(enum gatt_kind kind);

/* The entry of that number, or NULL. */
const struct gatt_assigned *gatt_assigned_find(uint16_t number);

/* The entry of a UUID in either form (Vol 3 Part B 2.5.1), or NULL. */
const struct gatt_assigned *gatt_assigned_of(const struct gatt_uuid *uuid);

/* True, and *number is set, if the UUID has a 16-bit form. */
bool gatt_uuid_number(const struct gatt_uuid *uuid, uint16_t *number);

enum gatt_named {
	GATT_NAMED_ONE,
	GATT_NAMED_NONE,	/* neither a UUID nor a known name */
	GATT_NAMED_SEVERAL,	/* "Current Time" is of two kinds */
};

/*
 * Parse what a user calls an attribute type: "2a37", "0x2a37", the 36
 * characters of a 128-bit UUID, or the name of an entry of one of the kinds
 * (bits of enum gatt_kind).  Names are compared without regard to case, and
 * with ' ', '-' and '_' alike; that of a service may be followed by "service".
 * Numbers are accepted whether they are assigned or not, and whatever their
 * kind.  The UUID is only set with GATT_NAMED_ONE; it has 2 octets if it has a
 * 16-bit form.
 */
enum gatt_named gatt_uuid_parse(const char *text, unsigned int kinds,
				struct gatt_uuid *uuid);

/*
 * Write four lower-case digits if the UUID has a 16-bit form, else the 36
 * characters; an empty string if its len is 0.
 */
void gatt_uuid_print(const struct gatt_uuid *uuid, char text[GATT_UUID_TEXT]);

#endif
