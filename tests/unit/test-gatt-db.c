/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where services, characteristics and includes begin and end; every handle up
 * to the last; lengths of values. */
#include "config.h"
#include "bytes.h"
#include "gatt-db.h"
#include "unit.h"

static struct gatt_db db;

static bool value_is(uint16_t handle, const void *value, size_t len)
{
	const struct gatt_attribute *a = gatt_db_find(&db, handle);

	return a->len == len && !memcmp(a->value, value, len);
}

static void structure(void)
{
	const struct gatt_uuid one = gatt_uuid16(0x1801);
	const struct gatt_uuid name = gatt_uuid16(0x2a00);

	gatt_db_free(&db);
	CHECK(!gatt_db_include(&db, 1));
	CHECK(gatt_db_secondary_service(&db, &one) == 1);
	CHECK(!gatt_db_include(&db, 1) && !gatt_db_include(&db, 0));
	CHECK(gatt_db_characteristic(&db, &name, 2, GATT_READ, "x", 1) == 3);
	CHECK(gatt_db_secondary_service(&db, &tunnel_uuid_service) == 4);
	CHECK(gatt_db_service(&db, &one) == 5);
	CHECK(gatt_db_include(&db, 1) == 6 && gatt_db_include(&db, 4) == 7);
	CHECK(!gatt_db_include(&db, 5) && !gatt_db_include(&db, 3));
	CHECK(!gatt_db_include(&db, 99) && db.count == 7);
	CHECK(value_is(6, "\x01\x00\x03\x00\x01\x18", 6));
	CHECK(value_is(7, "\x04\x00\x04\x00", 4));
	CHECK(gatt_db_characteristic(&db, &name, 2, GATT_READ, "x", 1) == 9);
	CHECK(!gatt_db_include(&db, 1));
	CHECK(gatt_db_descriptor(&db, &name, GATT_READ, "x", 1) == 10);
	CHECK(gatt_db_characteristic(&db, &name, 2, GATT_READ, "x", 1) == 12);
	CHECK(gatt_attribute_is(gatt_db_find(&db, 1), 0x2801));
	CHECK(gatt_attribute_is(gatt_db_find(&db, 5), 0x2800));
	CHECK(gatt_attribute_is(gatt_db_find(&db, 6), 0x2802));
	for (uint16_t handle = 1; handle <= 12; handle++) {
		static const uint8_t ends[] = { 3, 3, 3, 4, 12, 6, 7,
						10, 9, 10, 12, 12 };

		CHECK(gatt_db_group_end(&db, gatt_db_find(&db, handle)) ==
		      ends[handle - 1]);
	}
	CHECK(!gatt_db_find(&db, 0) && !gatt_db_find(&db, 13));
}

static void every_handle(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);

	gatt_db_free(&db);
	CHECK(gatt_db_service(&db, &uuid) == 1);
	for (unsigned int n = 2; n < GATT_DB_MAX; n++)
		CHECK(gatt_db_descriptor(&db, &uuid, GATT_READ, "x", 1) == n);
	/* one place is not enough for two */
	CHECK(!gatt_db_characteristic(&db, &uuid, 2, GATT_READ, "x", 1));
	CHECK(db.count == GATT_DB_MAX - 1);
	CHECK(gatt_db_find(&db, 1)->group_end == GATT_DB_MAX - 1);
	CHECK(gatt_db_service(&db, &uuid) == GATT_DB_MAX);
	CHECK(gatt_db_find(&db, 1)->group_end == GATT_DB_MAX - 1);
	CHECK(gatt_db_find(&db, GATT_DB_MAX)->group_end == GATT_DB_MAX);
	CHECK(!gatt_db_service(&db, &uuid));
	CHECK(!gatt_db_descriptor(&db, &uuid, GATT_READ, "x", 1));
	CHECK(db.service == GATT_DB_MAX && db.count == GATT_DB_MAX);
}

static void lengths(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	static const uint8_t octets[ATT_VALUE_MAX + 1];

	gatt_db_free(&db);
	CHECK(!gatt_db_characteristic(&db, &uuid, 2, GATT_READ, octets,
				      sizeof(octets)) && !db.count);
	CHECK(gatt_db_descriptor(&db, &uuid, GATT_READ, "abc", 3) == 1);
	CHECK(!gatt_db_set_value(&db, 1, "ab", 2));
	CHECK(!gatt_db_set_value(&db, 1, "abcd", 4));
	CHECK(gatt_db_set_value(&db, 1, "xyz", 3) && value_is(1, "xyz", 3));
	CHECK(gatt_db_set_length(&db, 1, 5, true) && value_is(1, "xyz", 3));
	CHECK(gatt_db_set_value(&db, 1, NULL, 0) && value_is(1, "", 0));
	CHECK(gatt_db_set_value(&db, 1, "abcde", 5));
	CHECK(!gatt_db_set_value(&db, 1, "abcdef", 6));
	CHECK(gatt_db_set_length(&db, 1, 4, true) && value_is(1, "abcd", 4));
	CHECK(gatt_db_set_length(&db, 1, 6, false) &&
	      value_is(1, "abcd\0\0", 6));
	CHECK(gatt_db_set_length(&db, 1, 512, false));
	CHECK(gatt_db_find(&db, 1)->len == 512);
	CHECK(!gatt_db_set_length(&db, 1, 513, true));
	CHECK(!gatt_db_set_length(&db, 1, 0, true));
	CHECK(!gatt_db_set_length(&db, 2, 1, true));
	CHECK(!gatt_db_set_value(&db, 2, "", 0));
	CHECK(gatt_db_set_value(&db, 1, octets, 512));
}

int main(void)
{
	structure();
	every_handle();
	lengths();
	gatt_db_free(&db);
	return 0;
}
