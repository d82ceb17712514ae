/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "value/gatt-assigned.h"

#include <string.h>

#include "base/bytes.h"
#include "value/gatt-format.h"
#include "base/hex.h"

const char *gatt_kind_name(enum gatt_kind kind)
{
	switch (kind) {
	case GATT_KIND_SERVICE:
		return "service";
	case GATT_KIND_CHARACTERISTIC:
		return "characteristic";
	case GATT_KIND_DESCRIPTOR:
		return "descriptor";
	case GATT_KIND_DECLARATION:
		return "declaration";
	default:
		return "attribute";
	}
}

const struct gatt_assigned *gatt_assigned_find(uint16_t number)
{
	size_t low = 0, high = gatt_assigned_count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct gatt_assigned *at = &gatt_assigned_table[middle];

		if (at->number == number)
			return at;
		if (at->number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

bool gatt_uuid_number(const struct gatt_uuid *uuid, uint16_t *number)
{
	struct gatt_uuid small;

	if (uuid->len != 2 && uuid->len != 16)
		return false;
	*number = get_le16(uuid->value + (uuid->len == 16 ? 12 : 0));
	small = gatt_uuid16(*number);
	return gatt_uuid_equal(&small, uuid);
}

const struct gatt_assigned *gatt_assigned_of(const struct gatt_uuid *uuid)
{
	uint16_t number;

	return gatt_uuid_number(uuid, &number) ? gatt_assigned_find(number)
					       : NULL;
}

/* The groups of digits of a UUID as text, most significant octet first. */
static const uint8_t groups[] = { 4, 2, 2, 2, 6 };

static bool parse_long(const char *text, struct gatt_uuid *uuid)
{
	uint8_t *p = uuid->value + 16;
	uint16_t number;

	if (strlen(text) != GATT_UUID_TEXT - 1)
		return false;
	for (size_t i = 0; i < sizeof(groups); i++) {
		if (i && *text++ != '-')
			return false;
		for (uint8_t n = 0; n < groups[i]; n++, text += 2) {
			int high = hex_digit(text[0]), low = hex_digit(text[1]);

			if (high < 0 || low < 0)
				return false;
			*--p = (uint8_t)(high << 4 | low);
		}
	}
	uuid->len = 16;
	if (gatt_uuid_number(uuid, &number))
		*uuid = gatt_uuid16(number);
	return true;
}

static bool named(const struct gatt_assigned *entry, const char *text)
{
	static const char suffix[] = " service";
	size_t len = strlen(text), name_len = strlen(entry->name);
	size_t suffix_len = sizeof(suffix) - 1;

	if (gatt_name_equal(entry->name, name_len, text, len))
		return true;
	return entry->kind == GATT_KIND_SERVICE &&
	       len == name_len + suffix_len &&
	       gatt_name_equal(entry->name, name_len, text, name_len) &&
	       gatt_name_equal(suffix, suffix_len, text + name_len, suffix_len);
}

enum gatt_named gatt_uuid_parse(const char *text, unsigned int kinds,
				struct gatt_uuid *uuid)
{
	const struct gatt_assigned *found = NULL;
	const char *digits = text;
	struct gatt_uuid parsed;
	uint8_t octets[2];

	if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X'))
		digits += 2;
	if (hex_decode(digits, octets, sizeof(octets))) {
		*uuid = gatt_uuid16((uint16_t)(octets[0] << 8 | octets[1]));
		return GATT_NAMED_ONE;
	}
	if (parse_long(text, &parsed)) {
		*uuid = parsed;
		return GATT_NAMED_ONE;
	}
	for (size_t i = 0; i < gatt_assigned_count; i++) {
		const struct gatt_assigned *entry = &gatt_assigned_table[i];

		if (!(entry->kind & kinds) || !named(entry, text))
			continue;
		if (found)
			return GATT_NAMED_SEVERAL;
		found = entry;
	}
	if (!found)
		return GATT_NAMED_NONE;
	*uuid = gatt_uuid16(found->number);
	return GATT_NAMED_ONE;
}

void gatt_uuid_print(const struct gatt_uuid *uuid, char text[GATT_UUID_TEXT])
{
	const uint8_t *p = uuid->value + 16;
	uint16_t number;

	*text = '\0';
	if (gatt_uuid_number(uuid, &number)) {
		uint8_t octets[2] = { (uint8_t)(number >> 8),
				      (uint8_t)number };

		hex_encode(octets, sizeof(octets), HEX_LOWER, text);
		return;
	}
	if (uuid->len != 16)
		return;
	for (size_t i = 0; i < sizeof(groups); i++) {
		if (i)
			*text++ = '-';
		for (uint8_t n = 0; n < groups[i]; n++, text += 2)
			hex_encode(--p, 1, HEX_LOWER, text);
	}
}
