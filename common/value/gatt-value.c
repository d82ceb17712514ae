/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "value/gatt-value.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/bytes.h"
#include "value/ad.h"
#include "value/gatt-format.h"
#include "base/hex.h"

#define BASE64_MAX ((ATT_VALUE_MAX + 2) / 3 * 4)

static uint64_t get_unsigned(const uint8_t *p, size_t width)
{
	uint64_t value = 0;

	while (width--)
		value = value << 8 | p[width];
	return value;
}

static int64_t get_signed(const uint8_t *p, size_t width)
{
	uint64_t sign = width ? (uint64_t)1 << (8 * width - 1) : 0;

	return (int64_t)((get_unsigned(p, width) ^ sign) - sign);
}

/*
 * The double next to a decimal.  It has so few digits that it is printed as the
 * same decimal again.  Text without a point does not depend on the locale.
 */
static json_t *real(int64_t digits, int exponent)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64 "e%d", digits, exponent);
	return json_real(strtod(text, NULL));
}

static json_t *decode_integer(const struct gatt_field *field, const uint8_t *p)
{
	int64_t value = field->type == GATT_SIGNED
				? get_signed(p, field->width)
				: (int64_t)get_unsigned(p, field->width);
	const char *name;
	size_t len;

	if (field->nullable && value == field->null)
		return json_null();
	name = gatt_field_name_of(field, value, &len);
	if (name)
		return json_stringn(name, len);
	value *= field->multiply;
	if (gatt_field_real(field)) {
		/* v / 2^n is v * 5^n / 10^n. */
		for (unsigned int i = 0; i < field->halves; i++)
			value *= 5;
		return real(value, field->exponent - (int)field->halves);
	}
	for (int i = 0; i < field->exponent; i++)
		value *= 10;
	return json_integer(value);
}

/* Append the name of the number, or the number; *array is NULL if it fails. */
static void append_named(json_t **array, const struct gatt_field *field,
			 int number)
{
	size_t len;
	const char *name = gatt_field_name_of(field, number, &len);
	json_t *json = name ? json_stringn(name, len) : json_integer(number);

	if (!json_array_append_new(*array, json))
		return;
	json_decref(*array);
	*array = NULL;
}

static json_t *decode_bits(const struct gatt_field *field, const uint8_t *p)
{
	uint64_t value = get_unsigned(p, field->width);
	json_t *array = json_array();

	for (int bit = 0; bit < 8 * (int)field->width; bit++)
		if (value >> bit & 1)
			append_named(&array, field, bit);
	return array;
}

static json_t *decode_float(const struct gatt_field *field, const uint8_t *p)
{
	size_t bits = field->width == 2 ? 12 : 24;
	uint32_t value = (uint32_t)get_unsigned(p, field->width);
	uint32_t mantissa = value & (((uint32_t)1 << bits) - 1);
	uint32_t sign = (uint32_t)1 << (bits - 1);
	uint32_t special = mantissa - (uint32_t)gatt_special_first(field);

	if (special < GATT_SPECIALS)
		return json_string(gatt_specials[special]);
	return real((int32_t)((mantissa ^ sign) - sign),
		    (int)get_signed(p, field->width) >> bits);
}

static json_t *decode_time(const uint8_t *p)
{
	uint16_t year = get_le16(p);
	char text[32];

	if ((year && (year < 1582 || year > 9999)) || p[2] > 12 || p[3] > 31 ||
	    p[4] > 23 || p[5] > 59 || p[6] > 59)
		return NULL;
	snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u", year,
		 p[2], p[3], p[4], p[5], p[6]);
	return json_string(text);
}

static json_t *decode_hex(const uint8_t *p, size_t len)
{
	char text[2 * ATT_VALUE_MAX + 1];

	hex_encode(p, len, HEX_LOWER, text);
	return json_string(text);
}

static json_t *decode_uuid(const uint8_t *p, size_t len)
{
	struct gatt_uuid uuid = gatt_uuid_from(p, len);
	char text[GATT_UUID_TEXT];

	if (!uuid.len)
		return NULL;
	gatt_uuid_print(&uuid, text);
	return json_string(text);
}

static json_t *decode_pairs(const struct gatt_field *field, const uint8_t *p,
			    size_t len)
{
	json_t *array = json_array();

	for (size_t i = 0; i < 4 * len; i++)
		append_named(&array, field, p[i / 4] >> 2 * (i % 4) & 3);
	return array;
}

static json_t *decode_one(const struct gatt_field *field, const uint8_t *p,
			  size_t len)
{
	switch (field->type) {
	case GATT_UNSIGNED:
	case GATT_SIGNED:
		return decode_integer(field, p);
	case GATT_BITS:
		return decode_bits(field, p);
	case GATT_FLOAT:
		return decode_float(field, p);
	case GATT_TIME:
		return decode_time(p);
	case GATT_HEX:
		return decode_hex(p, len);
	case GATT_UUID:
		return decode_uuid(p, len);
	case GATT_UTF8:
		return json_stringn((const char *)p, len);
	case GATT_PAIRS:
		return len ? decode_pairs(field, p, len) : NULL;
	}
	return NULL;
}

/* Take the field from the front of the value. */
static json_t *decode_field(const struct gatt_field *field,
			    const uint8_t **value, size_t *len)
{
	size_t width = field->width ? field->width : *len;
	json_t *array, *one;

	if (*len < width)
		return NULL;
	if (!field->repeated) {
		one = decode_one(field, *value, width);
		*value += width;
		*len -= width;
		return one;
	}
	array = json_array();
	do {
		one = *len < width ? NULL : decode_one(field, *value, width);
		if (json_array_append_new(array, one) < 0) {
			json_decref(array);
			return NULL;
		}
		*value += width;
		*len -= width;
	} while (*len);
	return array;
}

json_t *gatt_assigned_decode(const struct gatt_assigned *assigned,
			     const uint8_t *value, size_t len)
{
	struct gatt_format format;
	uint32_t flags = 0;
	bool fits = true, seen = false;
	json_t *object;

	if (!assigned->format || len > ATT_VALUE_MAX ||
	    !gatt_format_parse(assigned->format, &format))
		return NULL;
	if (!len)
		value = (const uint8_t *)"";
	object = json_object();
	for (size_t i = 0; fits && i < format.count; i++) {
		const struct gatt_field *field = &format.fields[i];
		const uint8_t *at = value;
		json_t *json;

		if ((flags & field->mask) != field->want ||
		    (field->optional && !len))
			continue;
		json = decode_field(field, &value, &len);
		fits = !json_object_set_new(object, field->name, json);
		if (fits && field->type == GATT_BITS && !seen) {
			flags = (uint32_t)get_unsigned(at, field->width);
			seen = true;
		}
		if (fits && field->unit[0])
			fits = !json_object_set_new(object, "unit",
						    json_string(field->unit));
	}
	if (!fits || len) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool refuse_value(char *reason, const char *text)
{
	snprintf(reason, GATT_REASON_MAX, "%s", text);
	return false;
}

static bool too_long(char *reason)
{
	snprintf(reason, GATT_REASON_MAX, "it is longer than %d octets",
		 ATT_VALUE_MAX);
	return false;
}

static bool parse_hex(const char *text, uint8_t *out, size_t *len,
		      char *reason)
{
	size_t digits = strlen(text);

	if (strspn(text, HEX_LOWER HEX_UPPER) != digits || digits % 2)
		return refuse_value(reason, "after hex:, pairs of hexadecimal "
					    "digits are wanted");
	if (digits / 2 > ATT_VALUE_MAX)
		return too_long(reason);
	*len = digits / 2;
	return hex_decode(text, out, *len);
}

static bool parse_text(const char *text, uint8_t *out, size_t *len,
		       char *reason)
{
	*len = strlen(text);
	if (*len > ATT_VALUE_MAX)
		return too_long(reason);
	memcpy(out, text, *len);
	return true;
}

static bool parse_base64(const char *text, uint8_t *out, size_t *len,
			 char *reason)
{
	uint8_t octets[BASE64_MAX / 4 * 3];
	char again[BASE64_MAX + 1];
	size_t length = strlen(text);
	int n;

	*len = 0;
	if (!length)
		return true;
	if (length > BASE64_MAX)
		return too_long(reason);
	n = EVP_DecodeBlock(octets, (const uint8_t *)text, (int)length);
	if (n > 0 && length % 4 == 0) {
		/* EVP_DecodeBlock counts the padding, and accepts too much. */
		n -= text[length - 1] == '=';
		n -= text[length - 2] == '=';
		EVP_EncodeBlock((uint8_t *)again, octets, n);
		if (!strcmp(again, text)) {
			if (n > ATT_VALUE_MAX)
				return too_long(reason);
			*len = (size_t)n;
			memcpy(out, octets, *len);
			return true;
		}
	}
	return refuse_value(reason, "after base64:, base64 with its padding is "
				    "wanted");
}

static bool parse_json(const char *text, const struct gatt_assigned *assigned,
		       uint8_t *out, size_t *len, char *reason)
{
	json_t *json;
	bool done;

	if (!assigned || !assigned->format)
		return refuse_value(reason,
				    "no layout is known for this value: begin "
				    "it with hex:, text: or base64:");
	json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
			  JSON_ALLOW_NUL, NULL);
	if (!json)
		return refuse_value(reason, "the text after json: is not JSON");
	done = gatt_assigned_encode(assigned, json, out, len, reason);
	json_decref(json);
	return done;
}

static bool parse_plain(const char *text, const struct gatt_assigned *assigned,
			uint8_t *out, size_t *len, char *reason)
{
	size_t digits = strlen(text);

	if (assigned && assigned->format)
		return gatt_assigned_encode_text(assigned, text, out, len,
						 reason);
	if (digits && digits % 2 == 0 &&
	    strspn(text, HEX_LOWER HEX_UPPER) == digits)
		return parse_hex(text, out, len, reason);
	return refuse_value(reason,
			    "no layout is known for this value: begin it with "
			    "hex:, text: or base64:");
}

/* What follows the prefix, or NULL. */
static const char *after_prefix(const char *text, const char *prefix)
{
	size_t len = strlen(prefix);

	return strncmp(text, prefix, len) ? NULL : text + len;
}

bool gatt_value_parse(const char *text, const struct gatt_uuid *uuid,
		      uint8_t out[ATT_VALUE_MAX], size_t *len,
		      char reason[GATT_REASON_MAX])
{
	const struct gatt_assigned *assigned = gatt_assigned_of(uuid);
	const char *rest;

	if ((rest = after_prefix(text, "hex:")))
		return parse_hex(rest, out, len, reason);
	if ((rest = after_prefix(text, "text:")))
		return parse_text(rest, out, len, reason);
	if ((rest = after_prefix(text, "base64:")))
		return parse_base64(rest, out, len, reason);
	if ((rest = after_prefix(text, "json:")))
		return parse_json(rest, assigned, out, len, reason);
	return parse_plain(text, assigned, out, len, reason);
}

void gatt_value_tell(json_t *more, const struct gatt_uuid *uuid,
		     const uint8_t *value, size_t len)
{
	const struct gatt_assigned *assigned = gatt_assigned_of(uuid);
	char hex[2 * ATT_VALUE_MAX + 1];
	json_t *decoded = NULL;

	if (assigned)
		decoded = gatt_assigned_decode(assigned, value, len);
	else if (gatt_uuid_equal(uuid, &gateway_uuid_advertising))
		decoded = ad_json(value, len);
	hex_encode(value, len, HEX_LOWER, hex);
	json_object_set_new(more, "value", json_string(hex));
	if (decoded)
		json_object_set_new(more, "decoded", decoded);
}
