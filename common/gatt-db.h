/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT database (Core 5.4 Vol 3 Part G 2.6): attributes by handle, built
 * once, in order.  No I/O.
 */
#ifndef BLESEC_GATT_DB_H
#define BLESEC_GATT_DB_H

#include "att.h"

#define GATT_DB_ATTRIBUTES 32
#define GATT_DB_OCTETS 512

enum gatt_access {
	GATT_READ = 1,
	GATT_WRITE = 2,		/* Write Request */
	GATT_WRITE_COMMAND = 4,
};

struct gatt_attribute {
	struct gatt_uuid type;
	uint16_t handle;
	uint16_t group_end;	/* of a service: its last handle; else 0 */
	uint8_t access;
	uint16_t len;
	uint8_t *value;
};

/* All zero is an empty database. */
struct gatt_db {
	struct gatt_attribute attributes[GATT_DB_ATTRIBUTES];
	size_t count;
	uint8_t octets[GATT_DB_OCTETS];
	size_t used;
};

/*
 * Add to the end.  Each returns the handle of what it added (of the value, for
 * a characteristic), 0 if the database is full.
 */
uint16_t gatt_db_service(struct gatt_db *db, const struct gatt_uuid *uuid);
uint16_t gatt_db_characteristic(struct gatt_db *db,
				const struct gatt_uuid *uuid,
				uint8_t properties, uint8_t access,
				const void *value, size_t len);
uint16_t gatt_db_descriptor(struct gatt_db *db, const struct gatt_uuid *uuid,
			    uint8_t access, const void *value, size_t len);

/* The attribute with that handle, or NULL. */
struct gatt_attribute *gatt_db_find(struct gatt_db *db, uint16_t handle);

/* The handles that matter in a peripheral's database. */
struct gatt_tunnel_handles {
	uint16_t capability, inbound, outbound, configuration;
};

/*
 * What a peripheral offers: the GAP service with the device's name, an empty
 * GATT service, and the tunnel's service with this capability value.
 */
struct gatt_tunnel_handles gatt_db_peripheral(struct gatt_db *db,
					      const char *name,
					      const uint8_t *capability,
					      size_t len);

#endif
