/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values of attributes as users type them, and as events tell them.  Pure. */
#ifndef BLESEC_GATT_VALUE_H
#define BLESEC_GATT_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "att/att.h"
#include "value/gatt-assigned.h"

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
