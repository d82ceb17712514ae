/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "value/gatt-format.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "value/gatt-value.h"

const char *const gatt_specials[GATT_SPECIALS] = {
	"+INFINITY", "NaN", "NRes", "reserved", "-INFINITY",
};

int32_t gatt_special_first(const struct gatt_field *field)
{
	return field->width == 2 ? 0x7fe : 0x7ffffe;
}

static char fold(char c)
{
	if (c == '-' || c == '_')
		return ' ';
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool gatt_name_equal(const char *a, size_t a_len, const char *b, size_t b_len)
{
	if (a_len != b_len)
		return false;
	for (size_t i = 0; i < a_len; i++)
		if (fold(a[i]) != fold(b[i]))
			return false;
	return true;
}

bool gatt_field_real(const struct gatt_field *field)
{
	return field->exponent < 0 || field->halves;
}

int64_t gatt_field_min(const struct gatt_field *field)
{
	if (field->type == GATT_SIGNED)
		return -gatt_field_max(field) - 1;
	return 0;
}

int64_t gatt_field_max(const struct gatt_field *field)
{
	size_t bits = 8 * field->width - (field->type == GATT_SIGNED);

	return (int64_t)(((uint64_t)1 << bits) - 1);
}

/* The next of the names from *at on, and its number in *value. */
static const char *next_name(const struct gatt_field *field, const char **at,
			     int64_t *value, size_t *len)
{
	const char *name = *at, *end = field->names_end;
	const char *comma;

	if (!name || name >= end)
		return NULL;
	comma = memchr(name, ',', (size_t)(end - name));
	if (!comma)
		comma = end;
	if (isdigit((unsigned char)*name)) {
		char *equals;

		*value = strtol(name, &equals, 10);
		if (equals < comma && *equals == '=')
			name = equals + 1;
	} else {
		++*value;
	}
	*len = (size_t)(comma - name);
	*at = comma + 1;
	return name;
}

const char *gatt_field_name_of(const struct gatt_field *field, int64_t value,
			       size_t *len)
{
	const char *at = field->names, *name;
	int64_t number = -1;

	while ((name = next_name(field, &at, &number, len)))
		if (number == value)
			return name;
	return NULL;
}

int64_t gatt_field_value_of(const struct gatt_field *field, const char *wanted)
{
	const char *at = field->names, *name;
	int64_t number = -1;
	size_t len;

	while ((name = next_name(field, &at, &number, &len)))
		if (gatt_name_equal(name, len, wanted, strlen(wanted)))
			return number;
	return -1;
}

static bool take_char(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool take_number(const char **at, int64_t *number)
{
	bool negative = take_char(at, '-');

	if (!isdigit((unsigned char)**at))
		return false;
	for (*number = 0; isdigit((unsigned char)**at); ++*at) {
		if (*number > 1000000000000)
			return false;
		*number = 10 * *number + (**at - '0');
	}
	if (negative)
		*number = -*number;
	return true;
}

static bool take_conditions(const char **at, struct gatt_field *field)
{
	if (!take_char(at, '['))
		return true;
	do {
		bool clear = take_char(at, '!');
		int64_t bit;

		if (!take_number(at, &bit) || bit < 0 || bit > 31 ||
		    (field->mask & (uint32_t)1 << bit))
			return false;
		field->mask |= (uint32_t)1 << bit;
		if (!clear)
			field->want |= (uint32_t)1 << bit;
	} while (take_char(at, ','));
	return take_char(at, ']');
}

/* Take a word of at least one character, up to one of the ends. */
static bool take_word(const char **at, const char *ends, char *word,
		      size_t size)
{
	size_t len = strcspn(*at, ends);

	if (!len || len >= size)
		return false;
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len;
	return true;
}

static bool take_type(const char **at, struct gatt_field *field)
{
	static const struct {
		const char *name;
		enum gatt_type type;
		size_t width;
	} types[] = {
		{ "u8", GATT_UNSIGNED, 1 },   { "u16", GATT_UNSIGNED, 2 },
		{ "u24", GATT_UNSIGNED, 3 },  { "u32", GATT_UNSIGNED, 4 },
		{ "u40", GATT_UNSIGNED, 5 },  { "u48", GATT_UNSIGNED, 6 },
		{ "s8", GATT_SIGNED, 1 },     { "s16", GATT_SIGNED, 2 },
		{ "s24", GATT_SIGNED, 3 },    { "s32", GATT_SIGNED, 4 },
		{ "s40", GATT_SIGNED, 5 },    { "s48", GATT_SIGNED, 6 },
		{ "b8", GATT_BITS, 1 },	      { "b16", GATT_BITS, 2 },
		{ "b24", GATT_BITS, 3 },      { "b32", GATT_BITS, 4 },
		{ "sfloat", GATT_FLOAT, 2 },  { "float", GATT_FLOAT, 4 },
		{ "time", GATT_TIME, 7 },     { "uuid16", GATT_UUID, 2 },
		{ "uuid", GATT_UUID, 0 },     { "utf8", GATT_UTF8, 0 },
		{ "pairs", GATT_PAIRS, 0 },
	};
	int64_t width;

	/* No name begins with an earlier one. */
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		size_t len = strlen(types[i].name);

		if (strncmp(*at, types[i].name, len))
			continue;
		field->type = types[i].type;
		field->width = types[i].width;
		*at += len;
		return true;
	}
	if (!take_char(at, 'x'))
		return false;
	field->type = GATT_HEX;
	if (!isdigit((unsigned char)**at))
		return true;
	if (!take_number(at, &width) || width < 1 || width > ATT_VALUE_MAX)
		return false;
	field->width = (size_t)width;
	return true;
}

static bool take_scale(const char **at, struct gatt_field *field)
{
	int64_t number;

	field->multiply = 1;
	if (take_char(at, '*') &&
	    (!take_number(at, &field->multiply) || field->multiply < 1))
		return false;
	if (take_char(at, 'e')) {
		if (!take_number(at, &number) || number < -9 || number > 9)
			return false;
		field->exponent = (int)number;
	}
	if (take_char(at, '/')) {
		if (!take_number(at, &number) || number < 2 || number > 1024 ||
		    (number & (number - 1)))
			return false;
		for (; number > 1; number /= 2)
			field->halves++;
	}
	return true;
}

static bool take_rest(const char **at, struct gatt_field *field)
{
	if (take_char(at, '!')) {
		field->nullable = true;
		if (!take_number(at, &field->null))
			return false;
	}
	if (take_char(at, '{')) {
		field->names = *at;
		field->names_end = strchr(*at, '}');
		if (!field->names_end)
			return false;
		*at = field->names_end + 1;
	}
	field->repeated = take_char(at, '+');
	if (take_char(at, '('))
		return take_word(at, ")", field->unit, sizeof(field->unit)) &&
		       take_char(at, ')');
	return true;
}

static bool take_one_field(const char **at, struct gatt_field *field)
{
	if (!take_conditions(at, field) ||
	    !take_word(at, " ?:[]!{}+()", field->name, sizeof(field->name)))
		return false;
	field->optional = take_char(at, '?');
	return take_char(at, ':') && take_type(at, field) &&
	       take_scale(at, field) && take_rest(at, field);
}

bool gatt_format_parse(const char *text, struct gatt_format *format)
{
	memset(format, 0, sizeof(*format));
	do {
		if (format->count == GATT_FIELDS_MAX ||
		    !take_one_field(&text, &format->fields[format->count++]))
			return false;
	} while (take_char(&text, ' '));
	return !*text;
}
