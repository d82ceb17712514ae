/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "value/ad.h"

#include "base/bytes.h"
#include "value/gatt-assigned.h"
#include "base/hex.h"

static void add_services(json_t *json, const struct ad *ad, uint8_t size)
{
	json_t *list = json_object_get(json, "services");
	char text[GATT_UUID_TEXT];

	if (!list) {
		list = json_array();
		json_object_set_new(json, "services", list);
	}
	for (size_t at = 0; at + size <= ad->len; at += size) {
		const struct gatt_uuid uuid = gatt_uuid_from(ad->data + at,
							     size);

		gatt_uuid_print(&uuid, text);
		json_array_append_new(list, json_string(text));
	}
}

/* A name that is not UTF-8 is left out. */
static void add_name(json_t *json, const struct ad *ad)
{
	json_t *name = json_stringn((const char *)ad->data, ad->len);

	if (name)
		json_object_set_new(json, "name", name);
}

json_t *ad_json(const uint8_t *data, size_t len)
{
	const uint8_t *p = data;
	json_t *json = json_object();
	struct ad ad;

	while (ad_next(&p, data + len, &ad)) {
		switch (ad.type) {
		case AD_NAME_SHORT:
			if (!json_object_get(json, "name"))
				add_name(json, &ad);
			break;
		case AD_NAME_COMPLETE:
			add_name(json, &ad);
			break;
		case AD_APPEARANCE:
			if (ad.len == 2)
				json_object_set_new(json, "appearance",
					json_integer(get_le16(ad.data)));
			break;
		case AD_UUID16_SOME:
		case AD_UUID16_ALL:
			add_services(json, &ad, 2);
			break;
		case AD_UUID128_SOME:
		case AD_UUID128_ALL:
			add_services(json, &ad, 16);
			break;
		default:
			break;
		}
	}
	return json;
}
