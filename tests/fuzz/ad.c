/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Advertising data, and the Device Found events that carry it: any device
 * within radio range can send it.  Input: an octet that selects how the data is
 * made, then either raw octets or instructions to build structures.
 *
 * sources: value/ad.c bluetooth/advert.c
 * options: -max_len=400
 * runs: 150000
 * long: 10000000
 */
#include "config.h"
#include "fuzz.h"
#include "value/ad.h"
#include "bluetooth/advert.h"
#include "base/bytes.h"
#include "value/gatt-assigned.h"

#define NAME "sensor-7"
#define HEAD 14			/* octets of Device Found before the data */

/* Never called, because the harness has no adapter. */
int mgmt_command(struct mgmt *mgmt, uint16_t opcode, uint16_t index,
		 const void *params, size_t params_len, void *reply,
		 size_t *len)
{
	(void)mgmt, (void)opcode, (void)index, (void)params, (void)params_len;
	(void)reply, (void)len;
	return -1;
}

const char *mgmt_status_name(int status)
{
	(void)status;
	return "";
}

const char *mgmt_status_help(int status)
{
	(void)status;
	return "";
}

/* Check that ad_json reports what the structures hold; count it here again. */
static void structures(const uint8_t *data, size_t len)
{
	const uint8_t *p = data;
	json_t *json = ad_json(data, len), *uuid;
	struct gatt_uuid parsed;
	size_t used = 0, uuids = 0, i;
	bool name = false, appearance = false;
	struct ad ad;

	while (ad_next(&p, data + len, &ad)) {
		must(ad.data == data + used + 2 && ad.len + 1 == data[used]);
		used += 2 + ad.len;
		must(p == data + used && used <= len);
		if (ad.type == AD_UUID16_SOME || ad.type == AD_UUID16_ALL)
			uuids += ad.len / 2;
		if (ad.type == AD_UUID128_SOME || ad.type == AD_UUID128_ALL)
			uuids += ad.len / 16;
		if (ad.type == AD_NAME_COMPLETE || ad.type == AD_NAME_SHORT)
			name = true;
		if (ad.type == AD_APPEARANCE && ad.len == 2)
			appearance = true;
	}
	/* ad_next stopped at the end, at a zero, or at a cut structure. */
	must(used == len || !data[used] || used + 1 + data[used] > len);
	must(json_array_size(json_object_get(json, "services")) == uuids);
	must(!json_object_get(json, "appearance") == !appearance);
	must(name || !json_object_get(json, "name"));
	json_array_foreach(json_object_get(json, "services"), i, uuid)
		must(gatt_uuid_parse(json_string_value(uuid), GATT_KIND_ANY,
				     &parsed) == GATT_NAMED_ONE);
	json_decref(json);
}

static bool found(const uint8_t *event, size_t len)
{
	struct link_address address = { 0 };
	const uint8_t *data = NULL;
	uint8_t *copy = exactly(event, len);
	bool ok = advert_found(copy, len, NAME, &address);
	size_t n;

	if (ok) {
		must(address.kind == LINK_DEVICE && len > HEAD);
		must(!memcmp(&address.bdaddr, event, 6));
		must(address.bdaddr_type == event[6] && event[6]);
		must(strlen(address.text) == 17);
	} else {
		must(!address.kind && !address.text[0]);
		if (len >= 7) {
			memcpy(&address.bdaddr, event, 6);
			address.bdaddr_type = event[6];
		}
	}
	n = advert_data(copy, len, &address, &data);
	must(!n || (data == copy + HEAD && n == len - HEAD));
	if (n)
		structures(data, n);
	free(copy);
	return ok;
}

static size_t add(uint8_t *p, uint8_t type, const void *data, size_t len)
{
	p[0] = (uint8_t)(1 + len);
	p[1] = type;
	memcpy(p + 2, data, len);
	return 2 + len;
}

/* Build structures in any order, possibly damage them, and check whether
 * advert_found accepts them exactly when name and service are there. */
static void made(void)
{
	uint8_t event[HEAD + 256] = { 1, 2, 3, 4, 5, 6, BDADDR_LE_PUBLIC };
	uint8_t uuids[3 * 16];
	bool service = false, named = false;
	size_t n = HEAD;
	const uint8_t lie = next();

	while (left && n < HEAD + 200) {
		const uint8_t what = next();
		size_t k = what >> 4;

		switch (what & 7) {
		case 0:
			for (size_t i = 0; i < 3; i++)
				memcpy(uuids + 16 * i, k == i ?
				       tunnel_uuid_service.value :
				       tunnel_uuid_inbound.value, 16);
			service = service || k < 3;
			n += add(event + n, what & 8 ? AD_UUID128_SOME :
				 AD_UUID128_ALL, uuids, sizeof(uuids));
			break;
		case 1:
			named = named || k % 9 == 8;
			n += add(event + n, AD_NAME_COMPLETE, NAME, k % 9);
			break;
		case 2:
			named = named || k % 9;
			n += add(event + n, AD_NAME_SHORT, NAME, k % 9);
			break;
		default:
			memset(uuids, what, sizeof(uuids));
			k = k > 1 ? k : 1;
			n += add(event + n, AD_LE_ROLE, uuids, k);
		}
	}
	put_le16(event + HEAD - 2, (uint16_t)(n - HEAD));
	if (!(lie & 7)) {
		must(found(event, n) == (service && named));
		return;
	}
	if (lie & 1)
		event[HEAD + next() % (n - HEAD + 1)] = next();
	if (lie & 2)
		put_le16(event + HEAD - 2, (uint16_t)(n - HEAD + 1));
	if (lie & 4)
		event[6] = BDADDR_BREDR;
	must(!found(event, n) || !(lie & 6));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;

	input = data;
	left = len;
	switch (next() % 3) {
	case 0:
		made();
		break;
	case 1:
		found(input, left);
		break;
	default:
		copy = exactly(input, left);
		structures(copy, left);
		free(copy);
	}
	return 0;
}
