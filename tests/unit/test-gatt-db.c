/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where services, characteristics and includes begin and end; every handle up
 * to the last; lengths of values. */
#include "config.h"
#include "base/bytes.h"
#include "att/gatt-db.h"
#include "unit.h"

static struct gatt_db db;

/* The linker puts these in place of malloc and realloc (Makefile.am). */
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);

static unsigned int allocations;	/* left before one fails; 0: no limit */

static bool fails(void)
{
	return allocations && !--allocations;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

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
	/* room for one is not enough for two */
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

/* Whichever allocation fails, nothing is added and nothing changes. */
static void short_memory(void)
{
	const struct gatt_uuid uuid = gatt_uuid16(0x2a00);
	struct gatt_tunnel_handles handles;
	unsigned int n = 1;

	do {
		gatt_db_free(&db);
		allocations = n++;
		handles = gatt_db_peripheral(&db, "n", (uint8_t *)"1234567",
					     7);
		CHECK(!handles.configuration == !handles.capability);
		CHECK(!allocations == !handles.capability);
		allocations = 0;
	} while (!handles.configuration);
	CHECK(n > 10 && db.count == 14);
	do {
		CHECK(gatt_db_service(&db, &uuid) == db.count);
	} while (db.count < db.room);
	/* more room; the declaration, with more room; the value */
	for (int i = 0; i < 3; i++) {
		size_t count = db.count;

		allocations = i ? 2 : 1;
		CHECK(!gatt_db_characteristic(&db, &uuid, 2, 1, "x", 1));
		CHECK(db.count == count && db.service == count);
		CHECK(gatt_db_find(&db, db.service)->group_end == count);
	}
	allocations = 1;
	CHECK(!gatt_db_service(&db, &uuid));
	CHECK(gatt_db_find(&db, db.service)->group_end == db.count);
	allocations = 1;
	CHECK(!gatt_db_set_length(&db, 3, 40, true) && value_is(3, "n", 1));
	CHECK(gatt_db_set_length(&db, 3, 40, true) && value_is(3, "n", 1));
}

int main(void)
{
	structure();
	every_handle();
	lengths();
	short_memory();
	gatt_db_free(&db);
	return 0;
}
