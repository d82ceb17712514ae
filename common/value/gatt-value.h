/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values of attributes: as JSON by their assigned formats, as users type them,
 * and as events tell them.  Pure.
 *
 * A value as JSON is an object of its fields by name.  The single field of a
 * simple format is called "value", and its unit, if any, is a member "unit":
 * {"value":36.6,"unit":"°C"}.  In a format of several fields the name ends in
 * the unit: {"rate_bpm":72,"rr_s":[0.8125]}.  Within it
 * - integers are integers; those that are scaled, and IEEE 11073 floats, are
 *   reals of at most GATT_DIGITS significant decimal digits: printed with
 *   JSON_REAL_PRECISION(GATT_DIGITS) they are exactly what was sent, 36.6;
 * - enumerated values are their names, or integers where there is none;
 * - bits are an array of the names of those set, or of their numbers;
 * - a number that stands for "not known" is null; IEEE 11073's are "NaN",
 *   "NRes", "+INFINITY", "-INFINITY" and "reserved";
 * - dates are "2026-11-21T12:41:38", with zeros where a part is not known;
 * - UUIDs are as gatt_uuid_print() has them; opaque octets are hexadecimal.
 */
#ifndef BLESEC_GATT_VALUE_H
#define BLESEC_GATT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "att/att.h"
#include "value/gatt-assigned.h"

#define GATT_DIGITS 12		/* of a real: JSON_REAL_PRECISION() */
#define GATT_REASON_MAX 160	/* with the NUL */

/*
 * The value as a JSON object (above), a new reference.  NULL if the entry has
 * no format or the value is not of that format: too short, too long, a bad
 * date or bad UTF-8.
 */
json_t *gatt_assigned_decode(const struct gatt_assigned *assigned,
			     const uint8_t *value, size_t len);

/*
 * The reverse.  The object must have all fields that its flags announce, and no
 * others.  If the format has a single field, its value may be given without the
 * object.  Bits may also be given as one integer or one name.  A number is
 * decimal, of up to 15 digits, and must be exactly one that the field can
 * hold.  Returns false if the value cannot be encoded; reason says why, in
 * words.
 */
bool gatt_assigned_encode(const struct gatt_assigned *assigned,
			  const json_t *json, uint8_t out[ATT_VALUE_MAX],
			  size_t *len, char reason[GATT_REASON_MAX]);

/*
 * The same from what a user types: a number (0x for hexadecimal), a name, text,
 * or any JSON.  Returns false if it cannot be encoded; reason says why.
 */
bool gatt_assigned_encode_text(const struct gatt_assigned *assigned,
			       const char *text, uint8_t out[ATT_VALUE_MAX],
			       size_t *len, char reason[GATT_REASON_MAX]);

/*
 * Octets for an attribute of that type, at most ATT_VALUE_MAX (Vol 3 Part F
 * 3.2.9), from
 *	hex:0a0b	pairs of hexadecimal digits, none is an empty value
 *	text:abc	the text, without its NUL
 *	base64:Cgs=	RFC 4648, section 4, padded
 *	json:...	by the assigned format of the type
 * or, without one of these, by the assigned format if the type has one, as
 * gatt_assigned_encode_text() takes it; else as hexadecimal digits.
 * False, and why in reason, in words.
 */
bool gatt_value_parse(const char *text, const struct gatt_uuid *uuid,
		      uint8_t out[ATT_VALUE_MAX], size_t *len,
		      char reason[GATT_REASON_MAX]);

/* Add "value", in hexadecimal, and "decoded" where the type has a format. */
void gatt_value_tell(json_t *more, const struct gatt_uuid *uuid,
		     const uint8_t *value, size_t len);

#endif
