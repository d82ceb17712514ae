/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The database of attributes, built in any order: at any length its groups are
 * in order, each value is the one stored last, and an attribute that cannot be
 * added changes nothing.  Input: operations, an octet and its parameters each.
 *
 * sources: att/gatt-db.c
 * options: -max_len=1500 -len_control=20
 * runs: 30000
 * long: 3000000
 */
#include "config.h"
#include "fuzz.h"
#include "base/bytes.h"
#include "att/gatt-db.h"

#define COUNT_MAX 300

/* What the database must hold, in order. */
static struct {
	struct gatt_uuid type;
	uint16_t max, len;
	bool variable, service;
	uint8_t value[ATT_VALUE_MAX];
} model[COUNT_MAX + 4];
static size_t count;
static uint16_t last_service;
static struct gatt_db db;

static void expect(const struct gatt_uuid *type, const void *value, size_t len)
{
	model[count].type = *type;
	model[count].max = model[count].len = (uint16_t)len;
	model[count].variable = model[count].service = false;
	if (len)
		memcpy(model[count].value, value, len);
	count++;
}

static void same(const struct gatt_db *is)
{
	uint16_t end = 0;

	must(is->count == count && is->service == last_service);
	for (size_t i = 0; i < count; i++) {
		const struct gatt_attribute *a = &is->attributes[i];
		uint16_t group;

		must(gatt_db_find(is, (uint16_t)(i + 1)) == a);
		must(a->handle == i + 1 && a->max == model[i].max &&
		     a->len == model[i].len &&
		     a->variable == model[i].variable);
		must(gatt_uuid_equal(&a->type, &model[i].type));
		must(!a->len || !memcmp(a->value, model[i].value, a->len));
		must(!a->group_end == !model[i].service);
		if (a->group_end) {
			must(a->group_end >= a->handle && end < a->handle);
			end = a->group_end;
			must(end == count || model[end].service);
		}
		group = gatt_db_group_end(is, a);
		must(group >= a->handle && group <= count);
		if (!a->group_end && end)
			must(group <= end);
	}
	must(!last_service || end == count);
	must(!gatt_db_find(is, 0) &&
	     !gatt_db_find(is, (uint16_t)(count + 1)));
}

static struct gatt_uuid uuid(void)
{
	const uint8_t n = next();

	if (n & 1)
		return n & 2 ? tunnel_uuid_service : tunnel_uuid_inbound;
	return gatt_uuid16((uint16_t)(n & 2 ? 0x2800 + (n >> 2) % 8 :
						n * 257));
}

static size_t length(void)
{
	const uint8_t n = next();

	return n < 0xe0 ? n % 40 : ATT_VALUE_MAX - 15 + n % 32;
}

static void service(bool secondary)
{
	const struct gatt_uuid type = gatt_uuid16(secondary ?
		GATT_SECONDARY_SERVICE : GATT_PRIMARY_SERVICE);
	const struct gatt_uuid is = uuid();
	const uint16_t handle = secondary ? gatt_db_secondary_service(&db, &is)
					  : gatt_db_service(&db, &is);

	must(handle == count + 1);
	last_service = handle;
	expect(&type, is.value, is.len);
	model[count - 1].service = true;
}

/* Only an existing service can be included, before anything but includes. */
static void include(void)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_INCLUDE);
	const uint16_t which = next();
	const uint16_t handle = gatt_db_include(&db, which);
	uint8_t value[6];
	const struct gatt_attribute *a;

	if (!handle) {
		same(&db);
		return;
	}
	must(which && which <= count && model[which - 1].service &&
	     which != last_service && handle == count + 1);
	a = gatt_db_find(&db, which);
	put_le16(value, which);
	put_le16(value + 2, a->group_end);
	memcpy(value + 4, model[which - 1].value, 2);
	expect(&type, value, model[which - 1].len == 2 ? 6 : 4);
}

static void characteristic(const uint8_t *value, size_t len)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_CHARACTERISTIC);
	const struct gatt_uuid is = uuid();
	const uint8_t properties = next();
	uint8_t declaration[19] = { properties };
	const uint16_t handle = gatt_db_characteristic(&db, &is, properties,
						       GATT_READ, value, len);

	must(!handle == (len > ATT_VALUE_MAX));
	if (!handle)
		return;
	must(handle == count + 2);
	put_le16(declaration + 1, handle);
	memcpy(declaration + 3, is.value, is.len);
	expect(&type, declaration, 3U + is.len);
	expect(&is, value, len);
}

static void descriptor(const uint8_t *value, size_t len)
{
	const struct gatt_uuid is = uuid();
	const uint16_t handle = gatt_db_descriptor(&db, &is, GATT_READ, value,
						   len);

	must(!handle == (len > ATT_VALUE_MAX));
	if (!handle)
		return;
	must(handle == count + 1);
	expect(&is, value, len);
}

/* A service's declaration is its own affair. */
static void set_length(void)
{
	const uint16_t handle = next();
	const size_t max = length();
	const bool variable = next() & 1;
	size_t i = handle - 1U;

	if (handle && handle <= count && model[i].service)
		return;
	if (!gatt_db_set_length(&db, handle, max, variable)) {
		must(!handle || handle > count || !max || max > ATT_VALUE_MAX);
		return;
	}
	must(handle && handle <= count && max && max <= ATT_VALUE_MAX);
	if (max > model[i].len)
		memset(model[i].value + model[i].len, 0, max - model[i].len);
	model[i].max = (uint16_t)max;
	model[i].variable = variable;
	if (!variable || model[i].len > max)
		model[i].len = (uint16_t)max;
}

static void set_value(const uint8_t *value, size_t len)
{
	const uint16_t handle = next();
	size_t i = handle - 1U;
	bool good;

	if (handle && handle <= count && model[i].service)
		return;
	good = handle && handle <= count && len <= model[i].max &&
	       (model[i].variable || len == model[i].max);
	must(gatt_db_set_value(&db, handle, value, len) == good);
	if (!good)
		return;
	if (len)
		memcpy(model[i].value, value, len);
	model[i].len = (uint16_t)len;
}

static void copy(void)
{
	struct gatt_db other;

	must(gatt_db_copy(&other, &db));
	same(&other);
	for (size_t i = 0; i < count; i++)
		must(!db.attributes[i].value || other.attributes[i].value !=
		     db.attributes[i].value);
	gatt_db_free(&other);
	must(!other.attributes && !other.count);
}

/* A peripheral's database: all that it needs, in order, or nothing. */
static void peripheral(void)
{
	struct gatt_db other = { 0 };
	uint8_t capability[ATT_VALUE_MAX + 8] = { 0 };
	const size_t len = length();
	const struct gatt_tunnel_handles h =
		gatt_db_peripheral(&other, "sensor-7", capability, len);
	const struct gatt_attribute *a = gatt_db_find(&other, h.configuration);

	if (len > ATT_VALUE_MAX) {
		must(!h.capability && !h.inbound && !h.outbound &&
		     !h.configuration);
	} else {
		must(h.capability < h.inbound && h.inbound < h.outbound &&
		     h.outbound < h.configuration);
		must(gatt_attribute_is(a, GATT_CLIENT_CONFIGURATION));
		must(gatt_db_find(&other, h.capability)->len == len);
	}
	gatt_db_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *value;
	size_t n;

	input = data;
	left = len;
	count = last_service = 0;
	while (left && count < COUNT_MAX) {
		const uint8_t what = next();

		n = length();
		value = malloc(n ? n : 1);
		memset(value, what, n);
		switch (what % 8) {
		case 0:
			service(what & 8);
			break;
		case 1:
			include();
			break;
		case 2:
		case 3:
			characteristic(value, n);
			break;
		case 4:
			descriptor(value, n);
			break;
		case 5:
			set_length();
			break;
		case 6:
			set_value(value, n);
			break;
		default:
			if (what & 8)
				peripheral();
			else
				copy();
		}
		free(value);
		if (count < 40)
			same(&db);
	}
	same(&db);
	gatt_db_free(&db);
	return 0;
}
