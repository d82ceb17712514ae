/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The language in which gatt-assigned.c says how values are laid out:
 *
 *	format = field *(" " field)
 *	field  = ["[" bit *("," bit) "]"] name ["?"] ":" type [scale]
 *		 ["!" integer] ["{" names "}"] ["+"] ["(" unit ")"]
 *
 * [3,!0]name	The field is only there if, of the first field of bits, bit
 *		3 is set and bit 0 is not.
 * name?	The field is only there if octets are left.
 * type		u8 to u48, s8 to s48: integers, the least significant octet
 *		first
 *		b8, b16, b24, b32: bits, 0 the least significant
 *		sfloat, float: IEEE 11073-20601, of 16 and 32 bits
 *		time: year, month, day, hours, minutes, seconds; 7 octets
 *		uuid16: a 16-bit UUID; x6: opaque octets, as many
 *		utf8, x, uuid, pairs: the rest of the value, as text, as
 *		opaque octets, as a UUID of 2 or 16 octets, or in numbers of
 *		two bits
 * scale	What an integer is multiplied with: "*125", "e-2" (10^-2),
 *		"/1024" (a power of two up to that), in this order, each at
 *		most once.
 * !65535	This integer stands for no value.
 * {a,b,5=c}	Names of values or bits: 0, 1 and 5; then 6, and so on.
 * +		One such element or more, up to the end of the value.
 * (unit)	Only if it is the only field.
 */
#ifndef BLESEC_GATT_FORMAT_H
#define BLESEC_GATT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GATT_FIELDS_MAX 16

enum gatt_type {
	GATT_UNSIGNED,
	GATT_SIGNED,
	GATT_BITS,
	GATT_FLOAT,
	GATT_TIME,
	GATT_HEX,
	GATT_UUID,
	GATT_UTF8,
	GATT_PAIRS,
};

struct gatt_field {
	char name[32];
	enum gatt_type type;
	size_t width;			/* octets; 0: the rest */
	uint32_t mask, want;		/* of the flags, for the field to be
					 * there */
	bool optional;
	bool repeated;
	bool nullable;
	int64_t null;
	int64_t multiply;		/* a number is the integer times
					 * this, */
	int exponent;			/* times ten to this, */
	unsigned int halves;		/* times a half to this */
	const char *names;		/* within the format, or NULL */
	const char *names_end;
	char unit[12];			/* "": none */
};

struct gatt_format {
	size_t count;
	struct gatt_field fields[GATT_FIELDS_MAX];
};

/*
 * Parse a format of the table; the result refers to its text.  False if the
 * syntax is wrong.  That the format makes sense is not checked here: a unit
 * test does so for all formats (tests/unit/format.h).
 */
bool gatt_format_parse(const char *text, struct gatt_format *format);

/* True if a number of the field may have a fraction. */
bool gatt_field_real(const struct gatt_field *field);

/* The least and the greatest value of an integer field. */
int64_t gatt_field_min(const struct gatt_field *field);
int64_t gatt_field_max(const struct gatt_field *field);

/* The name of a value or a bit and its length, or NULL. */
const char *gatt_field_name_of(const struct gatt_field *field, int64_t value,
			       size_t *len);

/* The value or bit of that name, as gatt_name_equal() compares; or -1. */
int64_t gatt_field_value_of(const struct gatt_field *field, const char *name);

/* Compare without regard to case, and with ' ', '-' and '_' alike. */
bool gatt_name_equal(const char *a, size_t a_len, const char *b, size_t b_len);

/*
 * Names of the mantissas of a float that stand for no number, in their order:
 * +INFINITY, NaN, NRes, reserved, -INFINITY.
 */
#define GATT_SPECIALS 5
extern const char *const gatt_specials[GATT_SPECIALS];

/* The mantissa of the first of them: 2046 or 8388606. */
int32_t gatt_special_first(const struct gatt_field *field);

#endif
