/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/gatt-request.h"

#define FULL_KEY_SIZE 16

static uint8_t level_or_open(uint8_t level)
{
	return level ? level : GATT_LEVEL_OPEN;
}

/* Vol 3 Part C 10.3.1: encryption, then authentication, then the key. */
uint8_t gatt_secure(const struct gatt_server *server,
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
 * A signature stands for an encrypted link (LE security mode 2, Part C 10.2.2),
 * but not for one that has to be authenticated: whether its key was, is not
 * known here.
 */
static bool signature_will_do(const struct gatt_requirement *requirement)
{
	return requirement->level <= GATT_LEVEL_ENCRYPTED;
}

/*
 * Part F lists these errors for each request and leaves the order open; that
 * an access is possible at all comes first, and authorization last: who the
 * client is counts once the link is secure.
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
		error = gatt_secure(server, requirement);
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
