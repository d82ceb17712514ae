/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Check that a format of gatt-format.h is valid.  The parser relies on that;
 * the tests check every format of the table here.
 */
#ifndef BLESEC_TEST_FORMAT_H
#define BLESEC_TEST_FORMAT_H

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "value/gatt-format.h"
#include "value/gatt-value.h"

static inline bool field_is_integer(const struct gatt_field *field)
{
	return field->type == GATT_UNSIGNED || field->type == GATT_SIGNED;
}

static inline bool field_is_scaled(const struct gatt_field *field)
{
	return gatt_field_real(field) || field->exponent ||
	       field->multiply != 1;
}

/* No number has more digits than can be printed for a real. */
static inline bool digits_fit(const struct gatt_field *field)
{
	int64_t largest = gatt_field_max(field), limit = 1;

	for (int i = 0; i < GATT_DIGITS; i++)
		limit *= 10;
	if (!field_is_scaled(field))
		return true;
	if (largest >= limit / field->multiply)
		return false;
	largest *= field->multiply;
	for (unsigned int i = 0; i < field->halves; i++)
		largest *= largest < limit ? 5 : 1;
	for (int i = 0; i < field->exponent; i++)
		largest *= largest < limit ? 10 : 1;
	return largest < limit;
}

/* The greatest value or bit that can have a name, or -1. */
static inline int64_t names_most(const struct gatt_field *field)
{
	switch (field->type) {
	case GATT_BITS:
		return 8 * (int64_t)field->width - 1;
	case GATT_PAIRS:
		return 3;
	case GATT_UNSIGNED:
		return field_is_scaled(field) ? -1 : gatt_field_max(field);
	default:
		return -1;
	}
}

/* Names are in ascending order, none is empty and none occurs twice. */
static inline bool names_fit(const struct gatt_field *field)
{
	int64_t value = -1, last = -1;

	for (const char *at = field->names; at && at < field->names_end;) {
		const size_t all = (size_t)(field->names_end - at);
		const char *comma = memchr(at, ',', all);
		const char *end = comma ? comma : field->names_end;
		char name[64] = "", *equals;

		value++;
		if (isdigit((unsigned char)*at)) {
			value = strtol(at, &equals, 10);
			at = *equals == '=' ? equals + 1 : at;
		}
		if (end <= at || (size_t)(end - at) >= sizeof(name))
			return false;
		memcpy(name, at, (size_t)(end - at));
		if (value <= last || value > names_most(field) ||
		    gatt_field_value_of(field, name) != value)
			return false;
		last = value;
		at = end + 1;
	}
	return !field->names || last >= 0;
}

static inline bool field_fits(const struct gatt_field *field)
{
	if (field_is_integer(field) && !digits_fit(field))
		return false;
	if (!field_is_integer(field) &&
	    (field->nullable || field_is_scaled(field)))
		return false;
	if (field->nullable && (field->null < gatt_field_min(field) ||
				field->null > gatt_field_max(field)))
		return false;
	return names_fit(field) && !(field->repeated && !field->width);
}

/* Two fields are never both present, or have different names. */
static inline bool fields_differ(const struct gatt_field *a,
				 const struct gatt_field *b)
{
	return strcmp(a->name, b->name) != 0 ||
	       (a->mask & b->mask & (a->want ^ b->want));
}

/* "unit" is another member, and "value" is the name of a single field. */
static inline bool field_names_fit(const struct gatt_format *format)
{
	for (size_t i = 0; i < format->count; i++) {
		const struct gatt_field *field = &format->fields[i];

		if (!strcmp(field->name, "unit") ||
		    (format->count > 1 && field->unit[0]) ||
		    (format->count == 1 && strcmp(field->name, "value") != 0))
			return false;
		for (size_t n = 0; n < i; n++)
			if (!fields_differ(field, &format->fields[n]))
				return false;
	}
	return true;
}

/* Fields depend on the first bits, which are there; the rest is the last. */
static inline bool format_is_good(const char *text, struct gatt_format *format)
{
	uint32_t flags = 0;
	bool seen = false, last = false;

	if (!gatt_format_parse(text, format))
		return false;
	for (size_t i = 0; i < format->count; i++) {
		const struct gatt_field *field = &format->fields[i];

		if (last || (field->mask & ~flags) || !field_fits(field))
			return false;
		if (field->type == GATT_BITS && !seen) {
			if (field->mask || field->optional || field->repeated)
				return false;
			flags = (uint32_t)gatt_field_max(field);
			seen = true;
		}
		last = field->optional || field->repeated || !field->width;
	}
	return field_names_fit(format);
}

#endif
