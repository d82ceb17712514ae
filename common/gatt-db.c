/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gatt-db.h"

#include <string.h>

#include "bytes.h"

static struct gatt_attribute *add(struct gatt_db *db,
				  const struct gatt_uuid *type, uint8_t access,
				  const void *value, size_t len)
{
	struct gatt_attribute *attribute;

	if (db->count == GATT_DB_ATTRIBUTES || len > GATT_DB_OCTETS - db->used)
		return NULL;
	attribute = &db->attributes[db->count++];
	*attribute = (struct gatt_attribute){
		.type = *type,
		.handle = (uint16_t)db->count,
		.access = access,
		.len = (uint16_t)len,
		.value = db->octets + db->used,
	};
	if (len)
		memcpy(attribute->value, value, len);
	db->used += len;
	/* The last service reaches to the last attribute. */
	for (size_t i = db->count; i-- > 0;)
		if (db->attributes[i].group_end) {
			db->attributes[i].group_end = attribute->handle;
			break;
		}
	return attribute;
}

uint16_t gatt_db_service(struct gatt_db *db, const struct gatt_uuid *uuid)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_PRIMARY_SERVICE);
	struct gatt_attribute *service;
	struct gatt_attribute *before = NULL;

	for (size_t i = 0; i < db->count; i++)
		if (db->attributes[i].group_end)
			before = &db->attributes[i];
	service = add(db, &type, GATT_READ, uuid->value, uuid->len);
	if (!service)
		return 0;
	if (before)
		before->group_end = (uint16_t)(service->handle - 1);
	service->group_end = service->handle;
	return service->handle;
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
	if (!add(db, &type, GATT_READ, declaration, 3U + uuid->len))
		return 0;
	attribute = add(db, uuid, access, value, len);
	return attribute ? attribute->handle : 0;
}

uint16_t gatt_db_descriptor(struct gatt_db *db, const struct gatt_uuid *uuid,
			    uint8_t access, const void *value, size_t len)
{
	const struct gatt_attribute *attribute;

	attribute = add(db, uuid, access, value, len);
	return attribute ? attribute->handle : 0;
}

struct gatt_attribute *gatt_db_find(struct gatt_db *db, uint16_t handle)
{
	if (!handle || handle > db->count)
		return NULL;
	return &db->attributes[handle - 1];
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
	const struct gatt_uuid configuration =
		gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	static const uint8_t zero[2];
	struct gatt_tunnel_handles handles;

	gatt_db_service(db, &gap);
	gatt_db_characteristic(db, &device_name, GATT_PROPERTY_READ, GATT_READ,
			       name, strlen(name));
	gatt_db_characteristic(db, &appearance, GATT_PROPERTY_READ, GATT_READ,
			       zero, 2);
	gatt_db_service(db, &gatt);
	gatt_db_service(db, &tunnel_uuid_service);
	handles.capability = gatt_db_characteristic(db, &tunnel_uuid_capability,
		GATT_PROPERTY_READ, GATT_READ, capability, len);
	handles.inbound = gatt_db_characteristic(db, &tunnel_uuid_inbound,
		GATT_PROPERTY_WRITE_CMD, GATT_WRITE_COMMAND, NULL, 0);
	handles.outbound = gatt_db_characteristic(db, &tunnel_uuid_outbound,
		GATT_PROPERTY_NOTIFY, 0, NULL, 0);
	handles.configuration = gatt_db_descriptor(db, &configuration,
		GATT_READ | GATT_WRITE, zero, 2);
	return handles;
}
