/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "value/gatt-value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value/gatt-format.h"
#include "base/hex.h"

/* What is being encoded, and why it cannot be. */
struct encoder {
	const struct gatt_assigned *assigned;
	const struct gatt_field *field;
	bool single;			/* the only field: not named */
	uint8_t *out;
	size_t len;
	char *reason;
};

__attribute__((format(printf, 2, 3)))
static bool refuse_field(struct encoder *e, const char *format, ...)
{
	va_list args;
	int n = 0;

	if (e->field && !e->single)
		n = snprintf(e->reason, GATT_REASON_MAX, "%s: ",
			     e->field->name);
	va_start(args, format);
	vsnprintf(e->reason + n, (size_t)(GATT_REASON_MAX - n), format, args);
	va_end(args);
	return false;
}

/* Is there room for so many octets? If not, say so. */
static bool value_fits(struct encoder *e, size_t len)
{
	if (len <= ATT_VALUE_MAX - e->len)
		return true;
	return refuse_field(e, "the value is longer than %d octets",
			    ATT_VALUE_MAX);
}

static bool put_integer(struct encoder *e, uint64_t value, size_t width)
{
	if (!value_fits(e, width))
		return false;
	for (; width; width--, value >>= 8)
		e->out[e->len++] = (uint8_t)value;
	return true;
}

/* The string, or NULL if it is none or has a NUL in it. */
static const char *text_of(const json_t *json)
{
	const char *text = json_string_value(json);

	return text && strlen(text) == json_string_length(json) ? text : NULL;
}

/* digits * 10^exponent, without zeros at the end of the digits. */
struct decimal {
	int64_t digits;
	int exponent;
};

static bool decimal_of(const json_t *json, struct decimal *decimal)
{
	char text[32];

	if (json_is_integer(json)) {
		decimal->digits = json_integer_value(json);
		decimal->exponent = 0;
		/* No field holds as much either. */
		if (decimal->digits > INT64_MAX / 1024)
			decimal->digits = INT64_MAX / 1024;
		if (decimal->digits < -INT64_MAX / 1024)
			decimal->digits = -INT64_MAX / 1024;
	} else if (json_is_real(json)) {
		/* A double keeps the first 15 digits as they were written. */
		const char *p = text;

		snprintf(text, sizeof(text), "%.14e", json_real_value(json));
		decimal->digits = 0;
		for (; *p && *p != 'e'; p++)
			if (isdigit((unsigned char)*p))
				decimal->digits = 10 * decimal->digits +
						  (*p - '0');
		if (*p != 'e')
			return false;
		decimal->exponent = (int)strtol(p + 1, NULL, 10) - 14;
		if (text[0] == '-')
			decimal->digits = -decimal->digits;
	} else {
		return false;
	}
	if (!decimal->digits)
		decimal->exponent = 0;
	while (decimal->digits && decimal->digits % 10 == 0) {
		decimal->digits /= 10;
		decimal->exponent++;
	}
	return true;
}

/* The integer that stands for the number in the field. */
static bool unscale(struct encoder *e, struct decimal decimal, int64_t *value)
{
	const struct gatt_field *field = e->field;
	int exponent = decimal.exponent - field->exponent;

	*value = decimal.digits;
	for (unsigned int i = 0; i < field->halves; i++)
		if (__builtin_mul_overflow(*value, 2, value))
			return refuse_field(e, "the number is too large");
	for (; *value && exponent > 0; exponent--)
		if (__builtin_mul_overflow(*value, 10, value))
			return refuse_field(e, "the number is too large");
	for (; *value && exponent < 0; exponent++) {
		if (*value % 10)
			goto finer;
		*value /= 10;
	}
	if (*value % field->multiply)
		goto finer;
	*value /= field->multiply;
	return true;
finer:
	if (!gatt_field_real(field) && field->multiply == 1)
		return refuse_field(e, "the number is not an integer");
	if (field->halves)
		return refuse_field(e, "the number is not a multiple of 1/%u",
				    1U << field->halves);
	return refuse_field(e, "the number is not a multiple of %" PRId64 "e%d",
			    field->multiply, field->exponent);
}

/* "none, mild, high", cut if there are many. */
static bool refuse_name(struct encoder *e, const char *name)
{
	const struct gatt_field *field = e->field;
	int len = field->names ? (int)(field->names_end - field->names) : 0;

	if (!len)
		return refuse_field(e, "a number is wanted");
	return refuse_field(e, "\"%.24s\" is neither a number nor one of "
			       "%.*s%s",
			    name, len > 60 ? 60 : len, field->names,
			    len > 60 ? "..." : "");
}

static bool encode_integer(struct encoder *e, const json_t *json)
{
	const struct gatt_field *field = e->field;
	struct decimal decimal;
	int64_t value;

	if (json_is_null(json) && field->nullable)
		return put_integer(e, (uint64_t)field->null, field->width);
	if (json_is_string(json)) {
		value = gatt_field_value_of(field, json_string_value(json));
		if (value < 0)
			return refuse_name(e, json_string_value(json));
		return put_integer(e, (uint64_t)value, field->width);
	}
	if (!decimal_of(json, &decimal))
		return refuse_field(e, "a number is wanted");
	if (!unscale(e, decimal, &value))
		return false;
	if (value < gatt_field_min(field) || value > gatt_field_max(field))
		return refuse_field(e, "the number is too %s",
				    decimal.digits < 0 ? "small" : "large");
	if (field->nullable && value == field->null)
		return refuse_field(e, "that number means \"not known\": use "
				       "null");
	return put_integer(e, (uint64_t)value, field->width);
}

static bool add_bit(struct encoder *e, const json_t *json, uint64_t *value)
{
	int64_t bit = json_integer_value(json);

	if (json_is_string(json)) {
		bit = gatt_field_value_of(e->field, json_string_value(json));
		if (bit < 0)
			return refuse_name(e, json_string_value(json));
	} else if (!json_is_integer(json)) {
		return refuse_field(e, "bits are wanted by name or by number");
	}
	if (bit < 0 || bit >= 8 * (int64_t)e->field->width)
		return refuse_field(e, "it has bits 0 to %zu only",
				    8 * e->field->width - 1);
	*value |= (uint64_t)1 << bit;
	return true;
}

static bool encode_bits(struct encoder *e, const json_t *json)
{
	uint64_t value = 0;
	size_t i;
	json_t *bit;

	if (json_is_integer(json)) {
		json_int_t number = json_integer_value(json);

		if (number < 0 || number > gatt_field_max(e->field))
			return refuse_field(e, "the number is too %s",
					    number < 0 ? "small" : "large");
		return put_integer(e, (uint64_t)number, e->field->width);
	}
	if (!json_is_array(json)) {
		if (!add_bit(e, json, &value))
			return false;
	} else {
		json_array_foreach(json, i, bit)
			if (!add_bit(e, bit, &value))
				return false;
	}
	return put_integer(e, value, e->field->width);
}

static bool encode_float(struct encoder *e, const json_t *json)
{
	unsigned int bits = e->field->width == 2 ? 12 : 24;
	int low = e->field->width == 2 ? -8 : -128, high = -low - 1;
	int32_t first = gatt_special_first(e->field);
	struct decimal decimal;

	for (int i = 0; json_is_string(json) && i < GATT_SPECIALS; i++)
		if (!strcasecmp(json_string_value(json), gatt_specials[i]))
			return put_integer(e, (uint32_t)(first + i),
					   e->field->width);
	if (!decimal_of(json, &decimal))
		return refuse_field(e, "a number is wanted, or NaN");
	while (decimal.exponent > 0 && 10 * decimal.digits < first &&
	       10 * decimal.digits > -first) {
		decimal.digits *= 10;
		decimal.exponent--;
	}
	if (decimal.digits <= -first || decimal.digits >= first ||
	    decimal.exponent < low || decimal.exponent > high)
		return refuse_field(e, "the number is too large, or has too "
				    "many digits");
	return put_integer(e, ((uint64_t)decimal.exponent << bits) |
			   ((uint64_t)decimal.digits &
			    (((uint64_t)1 << bits) - 1)), e->field->width);
}

/* The number of two digits, or an impossible one if they are no digits. */
static unsigned int two_digits(const char *text)
{
	if (!isdigit((unsigned char)text[0]) ||
	    !isdigit((unsigned char)text[1]))
		return 1000;
	return (unsigned int)(10 * (text[0] - '0') + (text[1] - '0'));
}

static bool encode_time(struct encoder *e, const json_t *json)
{
	static const char form[] = "2026-11-21T12:41:38";
	static const uint8_t most[] = { 12, 31, 23, 59, 59 };
	const char *text = text_of(json);
	unsigned int year;
	uint8_t parts[5];

	if (!text || strlen(text) != sizeof(form) - 1)
		goto refused;
	for (size_t i = 4; i < sizeof(form) - 1; i += 3)
		if (text[i] != form[i] && !(i == 10 && text[i] == ' '))
			goto refused;
	if (two_digits(text) > 99 || two_digits(text + 2) > 99)
		goto refused;
	year = 100 * two_digits(text) + two_digits(text + 2);
	if (year && year < 1582)
		goto refused;
	for (size_t i = 0; i < sizeof(parts); i++) {
		unsigned int part = two_digits(text + 5 + 3 * i);

		if (part > most[i])
			goto refused;
		parts[i] = (uint8_t)part;
	}
	if (!put_integer(e, year, 2) || !value_fits(e, sizeof(parts)))
		return false;
	memcpy(e->out + e->len, parts, sizeof(parts));
	e->len += sizeof(parts);
	return true;
refused:
	return refuse_field(e, "a date is wanted, as %s", form);
}

static bool encode_hex(struct encoder *e, const json_t *json)
{
	const char *text = text_of(json);
	size_t width = e->field->width;

	if (!text || strlen(text) % 2 || (width && strlen(text) != 2 * width))
		goto refused;
	if (!value_fits(e, strlen(text) / 2))
		return false;
	if (!hex_decode(text, e->out + e->len, strlen(text) / 2))
		goto refused;
	e->len += strlen(text) / 2;
	return true;
refused:
	if (width)
		return refuse_field(e, "%zu hexadecimal digits are wanted",
				    2 * width);
	return refuse_field(e, "pairs of hexadecimal digits are wanted");
}

static bool encode_uuid(struct encoder *e, const json_t *json)
{
	const char *text = text_of(json);
	struct gatt_uuid uuid;

	if (!text ||
	    gatt_uuid_parse(text, GATT_KIND_ANY, &uuid) != GATT_NAMED_ONE ||
	    (e->field->width && uuid.len != e->field->width))
		return refuse_field(e, "a UUID of %s is wanted",
				    e->field->width
					    ? "4 digits"
					    : "4 digits or 36 characters");
	if (!value_fits(e, uuid.len))
		return false;
	memcpy(e->out + e->len, uuid.value, uuid.len);
	e->len += uuid.len;
	return true;
}

static bool encode_utf8(struct encoder *e, const json_t *json)
{
	size_t len = json_string_length(json);

	if (!json_is_string(json))
		return refuse_field(e, "text is wanted");
	if (!value_fits(e, len))
		return false;
	memcpy(e->out + e->len, json_string_value(json), len);
	e->len += len;
	return true;
}

static bool encode_pairs(struct encoder *e, const json_t *json)
{
	size_t count = json_array_size(json);

	if (!count)
		return refuse_field(e, "an array is wanted, not empty");
	if (!value_fits(e, (count + 3) / 4))
		return false;
	memset(e->out + e->len, 0, (count + 3) / 4);
	for (size_t i = 0; i < count; i++) {
		const json_t *one = json_array_get(json, i);
		int64_t pair = json_integer_value(one);

		if (json_is_string(one)) {
			pair = gatt_field_value_of(e->field,
						   json_string_value(one));
			if (pair < 0)
				return refuse_name(e, json_string_value(one));
		}
		if (pair > 3 || pair < 0 ||
		    (!json_is_string(one) && !json_is_integer(one)))
			return refuse_field(e, "its elements are 0 to 3");
		e->out[e->len + i / 4] |= (uint8_t)(pair << 2 * (i % 4));
	}
	e->len += (count + 3) / 4;
	return true;
}

static bool encode_one(struct encoder *e, const json_t *json)
{
	switch (e->field->type) {
	case GATT_UNSIGNED:
	case GATT_SIGNED:
		return encode_integer(e, json);
	case GATT_BITS:
		return encode_bits(e, json);
	case GATT_FLOAT:
		return encode_float(e, json);
	case GATT_TIME:
		return encode_time(e, json);
	case GATT_HEX:
		return encode_hex(e, json);
	case GATT_UUID:
		return encode_uuid(e, json);
	case GATT_UTF8:
		return encode_utf8(e, json);
	case GATT_PAIRS:
		return encode_pairs(e, json);
	}
	return false;
}

static bool encode_field(struct encoder *e, const json_t *json)
{
	size_t i;
	json_t *one;

	if (!e->field->repeated || !json_is_array(json))
		return encode_one(e, json);
	if (!json_array_size(json))
		return refuse_field(e, "at least one element is wanted");
	json_array_foreach(json, i, one)
		if (!encode_one(e, one))
			return false;
	return true;
}

/* Refuse a member that is no field, or that the flags do not announce. */
static bool refuse_member(struct encoder *e, const struct gatt_format *format,
			  uint32_t flags, json_t *object)
{
	const char *key;
	json_t *json;

	e->field = NULL;
	json_object_foreach(object, key, json) {
		const char *unit = json_string_value(json);
		bool known = false, there = false;

		if (!strcmp(key, "unit") && unit &&
		    format->fields[0].unit[0] &&
		    !strcmp(unit, format->fields[0].unit))
			continue;
		for (size_t i = 0; i < format->count; i++) {
			const struct gatt_field *field = &format->fields[i];

			if (strcmp(key, field->name))
				continue;
			known = true;
			there |= (flags & field->mask) == field->want;
		}
		if (there)
			continue;
		if (known)
			return refuse_field(e, "the flags do not announce %s",
					    key);
		if (!strcmp(key, "unit") && format->fields[0].unit[0])
			return refuse_field(e, "its unit is %s",
					    format->fields[0].unit);
		return refuse_field(e, "it has no field \"%.32s\"", key);
	}
	return true;
}

static bool encode_object(struct encoder *e, const struct gatt_format *format,
			  json_t *object)
{
	uint32_t flags = 0;
	bool seen = false;

	for (size_t i = 0; i < format->count; i++) {
		const struct gatt_field *field = &format->fields[i];
		json_t *json = json_object_get(object, field->name);
		size_t at = e->len;

		e->field = field;
		if ((flags & field->mask) != field->want ||
		    (field->optional && !json))
			continue;
		if (!json)
			return refuse_field(e, "is missing");
		if (!encode_field(e, json))
			return false;
		if (field->type != GATT_BITS || seen)
			continue;
		seen = true;
		for (size_t n = field->width; n--;)
			flags = flags << 8 | e->out[at + n];
	}
	return refuse_member(e, format, flags, object);
}

static bool known_format(struct encoder *e, struct gatt_format *format)
{
	if (!e->assigned->format)
		return refuse_field(e, "no layout is known for a value of %s",
				    e->assigned->name);
	if (!gatt_format_parse(e->assigned->format, format))
		return refuse_field(e, "the format of %s is invalid",
				    e->assigned->name);
	e->single = format->count == 1;
	return true;
}

bool gatt_assigned_encode(const struct gatt_assigned *assigned,
			  const json_t *json, uint8_t out[ATT_VALUE_MAX],
			  size_t *len, char reason[GATT_REASON_MAX])
{
	struct encoder e = { .assigned = assigned, .out = out,
			     .reason = reason };
	struct gatt_format format = { 0 };
	bool done;

	if (!known_format(&e, &format))
		return false;
	e.field = &format.fields[0];
	if (json_is_object(json)) {
		done = encode_object(&e, &format, (json_t *)json);
	} else if (e.single) {
		done = encode_field(&e, json);
	} else {
		e.field = NULL;
		done = refuse_field(&e, "%s has several fields: an object is "
				    "wanted", assigned->name);
	}
	if (done)
		*len = e.len;
	return done;
}

/* A number or JSON, or else the text itself. */
static json_t *typed(const struct gatt_field *field, const char *text)
{
	json_t *json = NULL;
	char *end;

	if (field->type == GATT_UTF8 || field->type == GATT_HEX ||
	    field->type == GATT_UUID || field->type == GATT_TIME)
		return json_string(text);
	if (!strncasecmp(text, "0x", 2) && hex_digit(text[2]) >= 0 &&
	    strlen(text) <= 14) {
		long long number = strtoll(text + 2, &end, 16);

		if (!*end)
			return json_integer(number);
	}
	json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES,
			  NULL);
	return json ? json : json_string(text);
}

bool gatt_assigned_encode_text(const struct gatt_assigned *assigned,
			       const char *text, uint8_t out[ATT_VALUE_MAX],
			       size_t *len, char reason[GATT_REASON_MAX])
{
	struct encoder e = { .assigned = assigned, .reason = reason };
	struct gatt_format format = { 0 };
	json_t *json;
	bool done;

	if (!known_format(&e, &format))
		return false;
	json = typed(&format.fields[0], text);
	if (!json)
		return refuse_field(&e, "it is not UTF-8");
	done = gatt_assigned_encode(assigned, json, out, len, reason);
	json_decref(json);
	return done;
}
