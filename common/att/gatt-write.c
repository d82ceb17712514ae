/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Write Request, Write Command and Signed Write Command. */
#include "config.h"
#include "att/gatt-request.h"

#include <string.h>

#include "base/bytes.h"

size_t gatt_value_max(const struct gatt_attribute *attribute)
{
	if (gatt_is_configuration(attribute))
		return 2;
	return attribute->max ? attribute->max : ATT_VALUE_MAX;
}

void gatt_forget(struct gatt_server *server, uint16_t handle)
{
	if (server->snapshot.handle == handle)
		server->snapshot.handle = 0;
}

static uint8_t check_length(const struct gatt_attribute *attribute, size_t len)
{
	const bool configuration = gatt_is_configuration(attribute);
	bool good;

	/* Nothing is stored: the write callback judges. */
	if (!attribute->max && !attribute->external && !configuration)
		return 0;
	if (configuration || (attribute->max && !attribute->variable))
		good = len == gatt_value_max(attribute);
	else
		good = len <= gatt_value_max(attribute);
	return good ? 0 : ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
}

/* Vol 3 Part F 3.4.5.1: a variable length becomes that of the value. */
uint8_t gatt_apply(struct gatt_server *server,
		   struct gatt_attribute *attribute, const uint8_t *value,
		   size_t len)
{
	const bool configuration = gatt_is_configuration(attribute);
	uint8_t error = 0;

	if (configuration)
		error = gatt_configuration_allowed(server, attribute, value,
						   len);
	if (!error && server->write)
		error = server->write(attribute->handle, value, len,
				      server->arg);
	if (error)
		return error;
	if (configuration)
		return gatt_server_configure(server, attribute->handle,
					     get_le16(value)) ?
			0 : ATT_ECODE_INSUFFICIENT_RESOURCES;
	if (!attribute->max)
		return 0;
	if (len)
		memcpy(attribute->value, value, len);
	attribute->len = (uint16_t)len;
	return 0;
}

/* The value is after the handle, len octets of it. */
static int write_value(struct gatt_request *req, uint8_t access, size_t len)
{
	struct gatt_server *server = req->server;
	const uint8_t *value = req->pdu + 3;
	struct gatt_attribute *a;
	int error = gatt_take(req, get_le16(req->pdu + 1), access, &a);

	if (!error)
		error = -check_length(a, len);
	if (error)
		return error;
	req->rsp[0] = ATT_WRITE_RSP;
	if (!a->external || gatt_is_configuration(a)) {
		error = -gatt_apply(server, a, value, len);
		return error ? error : 1;
	}
	gatt_forget(server, a->handle);
	return gatt_ask(req, &(struct gatt_external){
		access == GATT_WRITE ? GATT_EXTERNAL_WRITE
				     : GATT_EXTERNAL_COMMAND,
		a->handle, 0, value, len });
}

int gatt_write_request(struct gatt_request *req)
{
	return write_value(req, GATT_WRITE, req->len - 3);
}

int gatt_write_command(struct gatt_request *req)
{
	return write_value(req, GATT_WRITE_COMMAND, req->len - 3);
}

/* 3.4.5.4: the signature is of all that is before it. */
int gatt_signed_write_command(struct gatt_request *req)
{
	const size_t len = req->len - ATT_SIGNATURE_SIZE;
	struct gatt_server *server = req->server;
	const struct gatt_attribute *a = gatt_db_find(server->db,
						      get_le16(req->pdu + 1));

	/* A counter is not used up for what cannot be written anyway. */
	if (!a || !(a->access & GATT_WRITE_SIGNED))
		return -ATT_ECODE_WRITE_NOT_PERMITTED;
	if (!server->verify ||
	    !server->verify(req->pdu, len, req->pdu + len, server->arg))
		return -ATT_ECODE_INSUFFICIENT_AUTHENTICATION;
	return write_value(req, GATT_WRITE_SIGNED, len - 3);
}
