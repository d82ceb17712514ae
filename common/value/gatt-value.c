/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "value/gatt-value.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "value/ad.h"
#include "base/hex.h"

#define BASE64_MAX ((ATT_VALUE_MAX + 2) / 3 * 4)

static bool refuse(char *reason, const char *text)
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
		return refuse(reason, "after hex:, pairs of hexadecimal "
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
		/* It counts what is padded, and is lenient. */
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
	return refuse(reason, "after base64:, base64 with its padding is "
			      "wanted");
}

static bool parse_json(const char *text, const struct gatt_assigned *assigned,
		       uint8_t *out, size_t *len, char *reason)
{
	json_t *json;
	bool done;

	if (!assigned || !assigned->format)
		return refuse(reason, "how such a value is laid out is not "
				      "known: begin it with hex:, text: or "
				      "base64:");
	json = json_loads(text, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES |
			  JSON_ALLOW_NUL, NULL);
	if (!json)
		return refuse(reason, "what is after json: is not JSON");
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
	return refuse(reason, "how such a value is laid out is not known: "
			      "begin it with hex:, text: or base64:");
}

/* What follows the prefix, or NULL. */
static const char *after(const char *text, const char *prefix)
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

	if ((rest = after(text, "hex:")))
		return parse_hex(rest, out, len, reason);
	if ((rest = after(text, "text:")))
		return parse_text(rest, out, len, reason);
	if ((rest = after(text, "base64:")))
		return parse_base64(rest, out, len, reason);
	if ((rest = after(text, "json:")))
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
