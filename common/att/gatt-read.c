/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read, Read Blob, Read Multiple and Read Multiple Variable. */
#include "config.h"
#include "att/gatt-request.h"

#include <string.h>

#include "base/bytes.h"

/* As much of a value as fits, from an offset on. */
static int give(struct gatt_request *req, const uint8_t *value, size_t len,
		size_t offset)
{
	size_t n;

	if (offset > len)
		return -ATT_ECODE_INVALID_OFFSET;
	n = gatt_min(len - offset, req->server->mtu - 1U);
	req->rsp[0] = (uint8_t)(req->pdu[0] + 1);
	if (n)
		memcpy(req->rsp + 1, value + offset, n);
	return (int)(1 + n);
}

static int ask_for(struct gatt_request *req,
		   const struct gatt_attribute *attribute)
{
	return gatt_ask(req, &(struct gatt_external){ GATT_EXTERNAL_READ,
						      attribute->handle, 0,
						      NULL, 0 });
}

/*
 * The rest of an external value is of the value whose beginning was read, so
 * that what a client puts together has been one value.
 */
static int give_external(struct gatt_request *req,
			 const struct gatt_attribute *attribute,
			 uint16_t offset)
{
	struct gatt_server *server = req->server;

	if (offset && server->snapshot.handle == attribute->handle)
		return give(req, server->snapshot.value, server->snapshot.len,
			    offset);
	server->offset = offset;
	return ask_for(req, attribute);
}

static int read_at(struct gatt_request *req, uint16_t offset, bool blob)
{
	struct gatt_attribute *a;
	const uint8_t *value;
	uint8_t own[2];
	size_t len;
	int error = gatt_take(req, get_le16(req->pdu + 1), GATT_READ, &a);

	if (error)
		return error;
	/* Vol 3 Part F 3.4.4.5 permits this error, and does not ask for it. */
	if (blob && a->not_long && !a->variable &&
	    a->max <= req->server->mtu - 1U)
		return -ATT_ECODE_ATTRIBUTE_NOT_LONG;
	value = gatt_value(req->server, a, own, &len);
	if (!value)
		return give_external(req, a, offset);
	return give(req, value, len, offset);
}

int gatt_read(struct gatt_request *req)
{
	return read_at(req, 0, false);
}

int gatt_read_blob(struct gatt_request *req)
{
	return read_at(req, get_le16(req->pdu + 3), true);
}

int gatt_read_done(struct gatt_request *req, const uint8_t *value, size_t len)
{
	return give(req, value, len, req->server->offset);
}

static bool with_lengths(const struct gatt_server *server)
{
	return server->multiple.req[0] == ATT_READ_MULTIPLE_VARIABLE_REQ;
}

/* Is there room for any more, a whole length if there are lengths? */
static bool has_room(const struct gatt_server *server)
{
	if (with_lengths(server))
		return server->multiple.used + 2 <= server->mtu;
	return server->multiple.used < server->mtu;
}

/* 3.4.4.8, 3.4.4.12: what does not fit is cut off; a length is of it all. */
static void append(struct gatt_server *server, const uint8_t *value,
		   size_t len)
{
	uint8_t *rsp = server->multiple.rsp;
	size_t *used = &server->multiple.used;

	if (with_lengths(server)) {
		put_le16(rsp + *used, (uint16_t)len);
		*used += 2;
	}
	len = gatt_min(len, server->mtu - *used);
	if (len)
		memcpy(rsp + *used, value, len);
	*used += len;
}

/*
 * The values from where the request has got to.  Also those that do not fit
 * must be readable, or the first that is not is the error.
 */
static int read_next(struct gatt_request *req)
{
	struct gatt_server *server = req->server;

	while (server->multiple.next < server->multiple.len) {
		uint16_t handle = get_le16(server->multiple.req +
					   server->multiple.next);
		struct gatt_attribute *a;
		const uint8_t *value;
		uint8_t own[2];
		size_t len;
		int error = gatt_take(req, handle, GATT_READ, &a);

		if (error)
			return error;
		server->multiple.next += 2;
		if (!has_room(server))
			continue;
		value = gatt_value(server, a, own, &len);
		if (!value)
			return ask_for(req, a);
		append(server, value, len);
	}
	memcpy(req->rsp, server->multiple.rsp, server->multiple.used);
	return (int)server->multiple.used;
}

/* Two handles at least. */
int gatt_read_multiple(struct gatt_request *req)
{
	struct gatt_server *server = req->server;

	if (req->len % 2 == 0)
		return -ATT_ECODE_INVALID_PDU;
	/* No request is longer than ATT_MTU. */
	memcpy(server->multiple.req, req->pdu, req->len);
	server->multiple.len = req->len;
	server->multiple.next = 1;
	server->multiple.rsp[0] = (uint8_t)(req->pdu[0] + 1);
	server->multiple.used = 1;
	return read_next(req);
}

int gatt_read_multiple_done(struct gatt_request *req, const uint8_t *value,
			    size_t len)
{
	append(req->server, value, len);
	return read_next(req);
}
