/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/gatt-db.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

void gatt_db_free(struct gatt_db *db)
{
	for (size_t i = 0; i < db->count; i++)
		free(db->attributes[i].value);
	free(db->attributes);
	*db = (struct gatt_db){ 0 };
}

static bool db_make_room(struct gatt_db *db)
{
	struct gatt_attribute *grown;
	size_t room = db->room ? 2 * db->room : 16;

	if (db->count < db->room)
		return true;
	grown = realloc(db->attributes, room * sizeof(*grown));
	if (!grown)
		return false;
	db->attributes = grown;
	db->room = room;
	return true;
}

static struct gatt_attribute *db_add(struct gatt_db *db,
				     const struct gatt_uuid *type,
				     uint8_t access, const void *value,
				     size_t len)
{
	struct gatt_attribute *attribute;
	uint8_t *copy = NULL;

	if (db->count == GATT_DB_MAX || len > ATT_VALUE_MAX ||
	    !db_make_room(db))
		return NULL;
	if (len) {
		copy = malloc(len);
		if (!copy)
			return NULL;
		memcpy(copy, value, len);
	}
	attribute = &db->attributes[db->count++];
	*attribute = (struct gatt_attribute){
		.type = *type,
		.handle = (uint16_t)db->count,
		.access = access,
		.max = (uint16_t)len,
		.len = (uint16_t)len,
		.value = copy,
	};
	/* The last service extends to the last attribute. */
	if (db->service)
		gatt_db_find(db, db->service)->group_end = attribute->handle;
	return attribute;
}

static void take_back(struct gatt_db *db)
{
	free(db->attributes[--db->count].value);
	if (db->service)
		gatt_db_find(db, db->service)->group_end = (uint16_t)db->count;
}

static uint16_t db_add_service(struct gatt_db *db, uint16_t type,
			       const struct gatt_uuid *uuid)
{
	const struct gatt_uuid declaration = gatt_uuid16(type);
	const uint16_t before = db->service;
	struct gatt_attribute *service;

	db->service = 0;
	service = db_add(db, &declaration, GATT_READ, uuid->value, uuid->len);
	if (!service) {
		db->service = before;
		return 0;
	}
	db->service = service->group_end = service->handle;
	return service->handle;
}

uint16_t gatt_db_service(struct gatt_db *db, const struct gatt_uuid *uuid)
{
	return db_add_service(db, GATT_PRIMARY_SERVICE, uuid);
}

uint16_t gatt_db_secondary_service(struct gatt_db *db,
				   const struct gatt_uuid *uuid)
{
	return db_add_service(db, GATT_SECONDARY_SERVICE, uuid);
}

/* The service's handles, and its UUID if that has 16 bits. */
uint16_t gatt_db_include(struct gatt_db *db, uint16_t service)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_INCLUDE);
	const struct gatt_attribute *included = gatt_db_find(db, service);
	const struct gatt_attribute *last;
	uint8_t declaration[4 + 2];
	size_t len = 4;

	if (!included || !included->group_end || service == db->service)
		return 0;
	last = &db->attributes[db->count - 1];
	if (!last->group_end && !gatt_attribute_is(last, GATT_INCLUDE))
		return 0;
	put_le16(declaration, service);
	put_le16(declaration + 2, included->group_end);
	if (included->len == 2) {
		memcpy(declaration + 4, included->value, 2);
		len += 2;
	}
	last = db_add(db, &type, GATT_READ, declaration, len);
	return last ? last->handle : 0;
}

/* Vol 3 Part G 3.3.1: properties, handle of the value, UUID. */
uint16_t gatt_db_characteristic(struct gatt_db *db,
				const struct gatt_uuid *uuid,
				uint8_t properties, uint8_t access,
				const void *value, size_t len)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_CHARACTERISTIC);
	uint8_t declaration[3 + 16];
	const struct gatt_attribute *attribute;

	declaration[0] = properties;
	put_le16(declaration + 1, (uint16_t)(db->count + 2));
	memcpy(declaration + 3, uuid->value, uuid->len);
	if (!db_add(db, &type, GATT_READ, declaration, 3U + uuid->len))
		return 0;
	attribute = db_add(db, uuid, access, value, len);
	if (!attribute) {
		take_back(db);
		return 0;
	}
	return attribute->handle;
}

uint16_t gatt_db_descriptor(struct gatt_db *db, const struct gatt_uuid *uuid,
			    uint8_t access, const void *value, size_t len)
{
	const struct gatt_attribute *attribute;

	attribute = db_add(db, uuid, access, value, len);
	return attribute ? attribute->handle : 0;
}

bool gatt_db_set_length(struct gatt_db *db, uint16_t handle, size_t max,
			bool variable)
{
	struct gatt_attribute *attribute = gatt_db_find(db, handle);
	uint8_t *value;

	if (!attribute || !max || max > ATT_VALUE_MAX)
		return false;
	value = realloc(attribute->value, max);
	if (!value)
		return false;
	if (max > attribute->len)
		memset(value + attribute->len, 0, max - attribute->len);
	attribute->value = value;
	attribute->max = (uint16_t)max;
	attribute->variable = variable;
	if (!variable || attribute->len > max)
		attribute->len = (uint16_t)max;
	return true;
}

bool gatt_db_set_value(struct gatt_db *db, uint16_t handle, const void *value,
		       size_t len)
{
	struct gatt_attribute *attribute = gatt_db_find(db, handle);

	if (!attribute || len > attribute->max ||
	    (!attribute->variable && len != attribute->max))
		return false;
	if (len)
		memcpy(attribute->value, value, len);
	attribute->len = (uint16_t)len;
	return true;
}

struct gatt_attribute *gatt_db_find(const struct gatt_db *db, uint16_t handle)
{
	if (!handle || handle > db->count)
		return NULL;
	return &db->attributes[handle - 1];
}

bool gatt_attribute_is(const struct gatt_attribute *attribute, uint16_t type)
{
	const struct gatt_uuid uuid = gatt_uuid16(type);

	return gatt_uuid_equal(&attribute->type, &uuid);
}

uint16_t gatt_db_group_end(const struct gatt_db *db,
			   const struct gatt_attribute *attribute)
{
	size_t end = attribute->handle;

	if (attribute->group_end)
		return attribute->group_end;
	if (!gatt_attribute_is(attribute, GATT_CHARACTERISTIC))
		return attribute->handle;
	/* The attribute of handle n + 1 is at n. */
	while (end < db->count && !db->attributes[end].group_end &&
	       !gatt_attribute_is(&db->attributes[end], GATT_CHARACTERISTIC))
		end++;
	return (uint16_t)end;
}

struct gatt_tunnel_handles gatt_db_tunnel(struct gatt_db *db,
					  const uint8_t *capability,
					  size_t len)
{
	const struct gatt_uuid configuration =
		gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	static const uint8_t zero[2];
	const struct gatt_tunnel_handles none = { 0 };
	struct gatt_tunnel_handles handles;

	if (!gatt_db_service(db, &tunnel_uuid_service))
		return none;
	handles.capability = gatt_db_characteristic(db, &tunnel_uuid_capability,
		GATT_PROPERTY_READ, GATT_READ, capability, len);
	handles.inbound = gatt_db_characteristic(db, &tunnel_uuid_inbound,
		GATT_PROPERTY_WRITE_CMD, GATT_WRITE_COMMAND, NULL, 0);
	handles.outbound = gatt_db_characteristic(db, &tunnel_uuid_outbound,
		GATT_PROPERTY_NOTIFY, 0, NULL, 0);
	handles.configuration = gatt_db_descriptor(db, &configuration,
		GATT_READ | GATT_WRITE, zero, 2);
	if (!handles.capability || !handles.inbound || !handles.outbound ||
	    !handles.configuration)
		return none;
	return handles;
}

struct gatt_tunnel_handles gatt_db_peripheral(struct gatt_db *db,
					      const char *name,
					      const uint8_t *capability,
					      size_t len)
{
	const struct gatt_uuid gap = gatt_uuid16(0x1800);
	const struct gatt_uuid gatt = gatt_uuid16(0x1801);
	const struct gatt_uuid device_name = gatt_uuid16(0x2a00);
	const struct gatt_uuid appearance = gatt_uuid16(0x2a01);
	static const uint8_t zero[2];
	const struct gatt_tunnel_handles none = { 0 };

	if (!gatt_db_service(db, &gap) ||
	    !gatt_db_characteristic(db, &device_name, GATT_PROPERTY_READ,
				    GATT_READ, name, strlen(name)) ||
	    !gatt_db_characteristic(db, &appearance, GATT_PROPERTY_READ,
				    GATT_READ, zero, 2) ||
	    !gatt_db_service(db, &gatt))
		return none;
	return gatt_db_tunnel(db, capability, len);
}

bool gatt_db_copy(struct gatt_db *to, const struct gatt_db *from)
{
	*to = (struct gatt_db){ 0 };
	if (!from->count)
		return true;
	to->attributes = malloc(from->count * sizeof(*to->attributes));
	if (!to->attributes)
		return false;
	to->room = from->count;
	to->service = from->service;
	for (; to->count < from->count; to->count++) {
		struct gatt_attribute *a = &to->attributes[to->count];

		*a = from->attributes[to->count];
		if (!a->value)
			continue;
		a->value = malloc(a->max);
		if (!a->value) {
			gatt_db_free(to);
			return false;
		}
		memcpy(a->value, from->attributes[to->count].value, a->len);
	}
	return true;
}
