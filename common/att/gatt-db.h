/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT database (Core 5.4 Vol 3 Part G 2.6): attributes by handle, built
 * once, in order.  No I/O.
 *
 * Several servers (gatt-server.h) may answer from one database.  They change
 * nothing in it but values that a client writes and that are not external.
 */
#ifndef BLESEC_GATT_DB_H
#define BLESEC_GATT_DB_H

#include "att/att.h"

#define GATT_DB_MAX 0xffff	/* handles are 0x0001-0xffff */

/* Access permissions (Vol 3 Part F 3.2.5): how an attribute can be used. */
enum gatt_access {
	GATT_READ = 1,
	GATT_WRITE = 2,		/* Write Request, Prepare Write Request */
	GATT_WRITE_COMMAND = 4,
	GATT_WRITE_SIGNED = 8,	/* Signed Write Command */
};

/* Levels of LE security mode 1 (Vol 3 Part C 10.2.1). */
enum gatt_level {
	GATT_LEVEL_OPEN = 1,		/* no security */
	GATT_LEVEL_ENCRYPTED = 2,	/* unauthenticated pairing will do */
	GATT_LEVEL_AUTHENTICATED = 3,
	GATT_LEVEL_SECURE_CONNECTIONS = 4,	/* with a key of 16 octets */
};

/* What reading or writing an attribute requires.  All zero requires nothing. */
struct gatt_requirement {
	uint8_t level;		/* enum gatt_level; 0 is GATT_LEVEL_OPEN */
	uint8_t key_size;	/* minimum in octets, 7..16; 0 is any.  Ignored
				 * if level is GATT_LEVEL_OPEN */
	uint32_t authorization;	/* passed to gatt_server.authorize; 0: none is
				 * needed */
};

/*
 * The caller may change the members from access to external of what it added.
 */
struct gatt_attribute {
	struct gatt_uuid type;
	uint16_t handle;
	uint16_t group_end;	/* of a service: its last handle; else 0 */
	uint8_t access;		/* of enum gatt_access */
	struct gatt_requirement read, write;
	bool not_long;		/* fixed length: if Read returns all of it, Read
				 * Blob is refused with Attribute Not Long (F
				 * 3.4.4.5) */
	bool external;		/* the value is elsewhere: gatt_server.external;
				 * never set for a client configuration */
	bool variable;		/* a write sets the length */
	uint16_t max;		/* maximum length, or the length if not
				 * variable. 0: nothing is stored, writes only
				 * go to gatt_server.write */
	uint16_t len;		/* length of value */
	uint8_t *value;		/* max octets, the database's own */
};

/* All zero is an empty database. */
struct gatt_db {
	struct gatt_attribute *attributes;	/* handle n is at n - 1 */
	size_t count, room;
	uint16_t service;	/* the last one's handle, 0 if none */
};

/* Make a copy of a database.  False if memory is short. */
bool gatt_db_copy(struct gatt_db *to, const struct gatt_db *from);

/* Free what the database holds, and leave it empty. */
void gatt_db_free(struct gatt_db *db);

/*
 * Add to the end.  Each returns the handle of what it added (of the value, for
 * a characteristic), or 0, with nothing added, if all handles are used, memory
 * is short, or the value is longer than ATT_VALUE_MAX.  Values are copied;
 * their length is fixed until gatt_db_set_length.  Pointers from gatt_db_find
 * become invalid.
 */

/* Part G 3.1 */
uint16_t gatt_db_service(struct gatt_db *db, const struct gatt_uuid *uuid);
uint16_t gatt_db_secondary_service(struct gatt_db *db,
				   const struct gatt_uuid *uuid);
/*
 * Part G 3.2: include the service at this handle in the last service.  Also 0
 * if there is no other service at this handle, or if the last service has a
 * characteristic already.
 */
uint16_t gatt_db_include(struct gatt_db *db, uint16_t service);
/*
 * Part G 3.3.1, 3.3.2: add the declaration, which everyone may read, and the
 * value.
 */
uint16_t gatt_db_characteristic(struct gatt_db *db,
				const struct gatt_uuid *uuid,
				uint8_t properties, uint8_t access,
				const void *value, size_t len);
/*
 * Part G 3.3.3: add a descriptor to the last characteristic.  Each server keeps
 * the values of Client Characteristic Configurations itself; the value given
 * here is unused.
 */
uint16_t gatt_db_descriptor(struct gatt_db *db, const struct gatt_uuid *uuid,
			    uint8_t access, const void *value, size_t len);

/*
 * Let the value have up to max octets (1 to ATT_VALUE_MAX), or exactly max if
 * not variable; it is then cut, or filled up with zeros.  False, with nothing
 * changed, if there is no such attribute or memory is short.
 */
bool gatt_db_set_length(struct gatt_db *db, uint16_t handle, size_t max,
			bool variable);
/*
 * Set a value.  False if there is no such attribute or it cannot have that
 * length.
 */
bool gatt_db_set_value(struct gatt_db *db, uint16_t handle, const void *value,
		       size_t len);

/* The attribute with that handle, or NULL.  Valid until another is added. */
struct gatt_attribute *gatt_db_find(const struct gatt_db *db, uint16_t handle);

/* True if the attribute is of the type with this 16-bit UUID. */
bool gatt_attribute_is(const struct gatt_attribute *attribute, uint16_t type);

/*
 * The last handle of the service or characteristic that begins with the
 * attribute (Part G 2.5.3), or the attribute's own handle if none does.
 */
uint16_t gatt_db_group_end(const struct gatt_db *db,
			   const struct gatt_attribute *attribute);

/* The handles that matter in a peripheral's database. */
struct gatt_tunnel_handles {
	uint16_t capability, inbound, outbound, configuration;
};

/*
 * Add the tunnel's service, with this capability value.  All handles are 0 if
 * memory was short.
 */
struct gatt_tunnel_handles gatt_db_tunnel(struct gatt_db *db,
					  const uint8_t *capability,
					  size_t len);

/*
 * Add all that a peripheral offers: the GAP service with the device's name, an
 * empty GATT service, and the tunnel's service with this capability value.  All
 * handles are 0 if memory was short.
 */
struct gatt_tunnel_handles gatt_db_peripheral(struct gatt_db *db,
					      const char *name,
					      const uint8_t *capability,
					      size_t len);

#endif
