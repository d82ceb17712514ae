/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a request needs to get at an attribute: permissions, the client's Client
 * Characteristic Configurations with the notifications and indications that
 * they enable, and external values.
 */
#include "config.h"
#include "att/gatt-request.h"

#include <string.h>

#include "base/bytes.h"

#define FULL_KEY_SIZE 16

static uint8_t level_or_open(uint8_t level)
{
	return level ? level : GATT_LEVEL_OPEN;
}

/* Vol 3 Part C 10.3.1: encryption, then authentication, then the key. */
static uint8_t security_error(const struct gatt_server *server,
			      const struct gatt_requirement *requirement)
{
	const uint8_t required = level_or_open(requirement->level);
	const uint8_t level = level_or_open(server->level);
	uint8_t key_size = requirement->key_size;

	if (required == GATT_LEVEL_OPEN)
		return 0;
	if (level == GATT_LEVEL_OPEN)
		return server->ltk ? ATT_ECODE_INSUFFICIENT_ENCRYPTION
				   : ATT_ECODE_INSUFFICIENT_AUTHENTICATION;
	if (level < required)
		return ATT_ECODE_INSUFFICIENT_AUTHENTICATION;
	/* Part C 10.2.1: level 4 is with a 128-bit strength key. */
	if (required == GATT_LEVEL_SECURE_CONNECTIONS)
		key_size = FULL_KEY_SIZE;
	if (server->key_size < key_size)
		return ATT_ECODE_ENCRYPTION_KEY_SIZE_TOO_SHORT;
	return 0;
}

/*
 * A signature is as good as an encrypted link (LE security mode 2, Part C
 * 10.2.2) but not as good as an authenticated one: it is not known here whether
 * its key was authenticated.
 */
static bool signature_will_do(const struct gatt_requirement *requirement)
{
	return requirement->level <= GATT_LEVEL_ENCRYPTED;
}

/*
 * Part F lists these errors for each request and leaves their order open.
 * Whether the access is possible at all is checked first, and authorization
 * last: who the client is only matters once the link is secure.
 */
uint8_t gatt_permitted(const struct gatt_server *server,
		       const struct gatt_attribute *attribute, uint8_t access)
{
	const bool reading = access == GATT_READ;
	const struct gatt_requirement *requirement =
		reading ? &attribute->read : &attribute->write;
	uint8_t error = 0;

	if (!(attribute->access & access))
		return reading ? ATT_ECODE_READ_NOT_PERMITTED
			       : ATT_ECODE_WRITE_NOT_PERMITTED;
	if (access != GATT_WRITE_SIGNED || !signature_will_do(requirement))
		error = security_error(server, requirement);
	if (error)
		return error;
	if (requirement->authorization &&
	    (!server->authorize ||
	     !server->authorize(requirement->authorization, attribute->handle,
				!reading, server->arg)))
		return ATT_ECODE_INSUFFICIENT_AUTHORIZATION;
	return 0;
}

int gatt_take(struct gatt_request *req, uint16_t handle, uint8_t access,
	      struct gatt_attribute **found)
{
	struct gatt_attribute *attribute = gatt_db_find(req->server->db,
							handle);

	req->handle = handle;
	*found = attribute;
	if (!attribute)
		return -ATT_ECODE_INVALID_HANDLE;
	return -gatt_permitted(req->server, attribute, access);
}

int gatt_ask(struct gatt_request *req, const struct gatt_external *what)
{
	struct gatt_server *server = req->server;
	uint8_t error = server->external ?
		server->external(server, what, server->arg) :
		ATT_ECODE_UNLIKELY_ERROR;

	if (error)
		return -error;
	if (what->operation == GATT_EXTERNAL_COMMAND)
		return 0;
	server->pending = true;
	server->opcode = req->pdu[0];
	server->handle = what->handle;
	return 0;
}

bool gatt_is_configuration(const struct gatt_attribute *attribute)
{
	return gatt_attribute_is(attribute, GATT_CLIENT_CONFIGURATION);
}

uint16_t gatt_server_configuration(const struct gatt_server *server,
				   uint16_t handle)
{
	for (size_t i = 0; i < server->configured; i++)
		if (server->configurations[i].handle == handle)
			return server->configurations[i].bits;
	return 0;
}

bool gatt_server_configure(struct gatt_server *server, uint16_t handle,
			   uint16_t bits)
{
	size_t i = 0;

	while (i < server->configured &&
	       server->configurations[i].handle != handle)
		i++;
	if (!bits) {
		if (i < server->configured)
			server->configurations[i] =
				server->configurations[--server->configured];
		return true;
	}
	if (i == GATT_CONFIGURATIONS)
		return false;
	server->configurations[i].handle = handle;
	server->configurations[i].bits = bits;
	if (i == server->configured)
		server->configured++;
	return true;
}

/* Returns NULL if the value is external. */
const uint8_t *gatt_value(const struct gatt_server *server,
			  const struct gatt_attribute *attribute,
			  uint8_t own[2], size_t *len)
{
	*len = 0;
	if (gatt_is_configuration(attribute)) {
		put_le16(own, gatt_server_configuration(server,
							attribute->handle));
		*len = 2;
		return own;
	}
	if (attribute->external)
		return NULL;
	*len = attribute->len;
	/* An empty value must not be NULL. */
	return attribute->value ? attribute->value : own;
}

/* The properties of the characteristic that a descriptor belongs to. */
static uint8_t properties_of(const struct gatt_db *db, uint16_t handle)
{
	while (--handle) {
		const struct gatt_attribute *a = gatt_db_find(db, handle);

		if (a->group_end)
			return 0;
		if (gatt_attribute_is(a, GATT_CHARACTERISTIC) && a->len)
			return a->value[0];
	}
	return 0;
}

/*
 * Vol 3 Part G 3.3.3.3: a bit can only be set if the characteristic has the
 * property; all others are reserved.  The error is Value Not Allowed (Part F
 * 3.4.1.1).  The errors of profiles (CSS Part B) do not fit: CCCD Improperly
 * Configured (0xfd) is for an operation that needs the descriptor to be
 * configured, and Write Request Rejected (0xfc) is for reasons that no other
 * code gives.
 */
uint8_t gatt_configuration_allowed(const struct gatt_server *server,
				   const struct gatt_attribute *attribute,
				   const uint8_t *value, size_t len)
{
	const uint8_t properties = properties_of(server->db,
						 attribute->handle);
	uint16_t allowed = 0;

	if (len != 2)
		return ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
	if (properties & GATT_PROPERTY_NOTIFY)
		allowed |= GATT_CONFIGURATION_NOTIFY;
	if (properties & GATT_PROPERTY_INDICATE)
		allowed |= GATT_CONFIGURATION_INDICATE;
	return get_le16(value) & ~allowed ? ATT_ECODE_VALUE_NOT_ALLOWED : 0;
}

/* The configuration of the characteristic with that value, or NULL. */
static const struct gatt_attribute *configuration_of(const struct gatt_db *db,
						     uint16_t handle)
{
	const struct gatt_attribute *a;

	while (handle < GATT_DB_MAX &&
	       (a = gatt_db_find(db, (uint16_t)(handle + 1))) &&
	       !a->group_end && !gatt_attribute_is(a, GATT_CHARACTERISTIC)) {
		if (gatt_is_configuration(a))
			return a;
		handle++;
	}
	return NULL;
}

/* Part C 10.3.1.1: a value is not sent on a link that is not secure enough. */
static bool client_wants(const struct gatt_server *server, uint16_t handle,
			 uint16_t bit)
{
	const struct gatt_attribute *value = gatt_db_find(server->db, handle);
	const struct gatt_attribute *configuration =
		configuration_of(server->db, handle);

	return value && configuration &&
	       (gatt_server_configuration(server, configuration->handle) &
		bit) &&
	       !security_error(server, &value->read) &&
	       !security_error(server, &configuration->write);
}

bool gatt_server_notifies(const struct gatt_server *server, uint16_t handle)
{
	return client_wants(server, handle, GATT_CONFIGURATION_NOTIFY);
}

bool gatt_server_indicates(const struct gatt_server *server, uint16_t handle)
{
	return client_wants(server, handle, GATT_CONFIGURATION_INDICATE);
}

static size_t handle_value(const struct gatt_server *server, uint8_t opcode,
			   uint16_t handle, const void *value, size_t len,
			   uint8_t *pdu)
{
	len = gatt_min(len, server->mtu - 3U);
	pdu[0] = opcode;
	put_le16(pdu + 1, handle);
	if (len)
		memcpy(pdu + 3, value, len);
	return 3 + len;
}

size_t gatt_server_notify(const struct gatt_server *server, uint16_t handle,
			  const void *value, size_t len, uint8_t *pdu)
{
	return handle_value(server, ATT_HANDLE_VALUE_NTF, handle, value, len,
			    pdu);
}

size_t gatt_server_indicate(struct gatt_server *server, uint16_t handle,
			    const void *value, size_t len, uint8_t *pdu)
{
	if (server->indicated)
		return 0;
	server->indicated = handle;
	return handle_value(server, ATT_HANDLE_VALUE_IND, handle, value, len,
			    pdu);
}
