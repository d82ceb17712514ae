/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any octets as a value of any assigned number, and any text that a user may
 * type for it: a decoded value, once encoded, decodes to the same value.  Also
 * an event with the value of any UUID.  The first octet says which of these,
 * the second which number.
 *
 * sources: value/gatt-assigned.c value/gatt-encode.c value/gatt-format.c value/gatt-value.c
 * options: -max_len=1100
 * runs: 80000
 * long: 20000000
 */
#include "config.h"
#include "value/ad.h"
#include "value/gatt-assigned.h"
#include "value/gatt-format.h"
#include "value/gatt-value.h"
#include "../unit/format.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void decode(const struct gatt_assigned *assigned, const uint8_t *value,
		   size_t len)
{
	uint8_t again[ATT_VALUE_MAX];
	char reason[GATT_REASON_MAX];
	json_t *json = gatt_assigned_decode(assigned, value, len), *same;
	size_t again_len;

	if (!json)
		return;
	if (!gatt_assigned_encode(assigned, json, again, &again_len, reason))
		abort();
	same = gatt_assigned_decode(assigned, again, again_len);
	if (!json_equal(json, same))
		abort();
	json_decref(same);
	json_decref(json);
}

static void parse(const struct gatt_assigned *assigned, const char *text)
{
	struct gatt_uuid uuid = gatt_uuid16(assigned->number);
	uint8_t out[ATT_VALUE_MAX];
	char printed[GATT_UUID_TEXT], reason[GATT_REASON_MAX] = "";
	struct gatt_uuid named, again;
	struct gatt_format format;
	size_t len = ATT_VALUE_MAX + 1;

	if (gatt_value_parse(text, &uuid, out, &len, reason)) {
		if (len > ATT_VALUE_MAX)
			abort();
		decode(assigned, out, len);
	} else if (!*reason || strlen(reason) >= sizeof(reason)) {
		abort();
	}
	if (gatt_uuid_parse(text, GATT_KIND_ANY, &named) == GATT_NAMED_ONE) {
		gatt_uuid_print(&named, printed);
		if (gatt_uuid_parse(printed, GATT_KIND_ANY, &again) !=
		    GATT_NAMED_ONE || !gatt_uuid_equal(&named, &again))
			abort();
	}
	if (format_is_good(text, &format)) {
		/* One that nobody has written, on what is given. */
		struct gatt_assigned own = { .name = "own", .format = text };

		decode(&own, (const uint8_t *)text, strlen(text) % 20);
	}
}

/* For a UUID that follows, for the number, or for advertising. */
static void tell(const struct gatt_assigned *assigned, uint8_t which,
		 const uint8_t *value, size_t len)
{
	struct gatt_uuid uuid = gatt_uuid16(assigned->number);
	char text[GATT_UUID_TEXT];
	json_t *json = json_object();
	const char *hex;

	if (which & 4) {
		uuid = gateway_uuid_advertising;
	} else if (which & 8) {
		uuid.len = which & 16 && len >= 16 ? 16 : len >= 2 ? 2 : 0;
		memcpy(uuid.value, value, uuid.len);
	}
	gatt_uuid_print(&uuid, text);
	if (uuid.len ? strlen(text) != 4 && strlen(text) != 36 : *text)
		abort();
	if (len > ATT_VALUE_MAX)
		len = ATT_VALUE_MAX;
	gatt_value_tell(json, &uuid, value, len);
	hex = json_string_value(json_object_get(json, "value"));
	if (!hex || strlen(hex) != 2 * len ||
	    json_object_size(json) != 1U + !!json_object_get(json, "decoded"))
		abort();
	json_decref(json);
	assigned = gatt_assigned_of(&uuid);
	if (!*gatt_kind_name(assigned ? (enum gatt_kind)assigned->kind :
					GATT_KIND_ANY))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct gatt_assigned *assigned;
	uint8_t *copy;

	if (len < 2)
		return 0;
	assigned = &gatt_assigned_table[data[1] % gatt_assigned_count];
	/* A copy of exact size, so that the sanitizer sees overreads. */
	copy = malloc(data[0] & 1 || len == 2 ? len - 1 : len - 2);
	memcpy(copy, data + 2, len - 2);
	if (data[0] & 1) {
		copy[len - 2] = '\0';
		parse(assigned, (const char *)copy);
	} else if (data[0] & 2) {
		tell(assigned, data[0], copy, len - 2);
	} else {
		json_decref(ad_json(copy, len - 2));
		decode(assigned, copy, len - 2);
	}
	free(copy);
	return 0;
}
