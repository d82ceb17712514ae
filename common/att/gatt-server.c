/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/gatt-server.h"

#include <string.h>

#include "base/bytes.h"
#include "att/gatt-request.h"

typedef int (*handler_fn)(struct gatt_request *req);

bool gatt_server_takes(uint8_t opcode)
{
	/*
	 * Responses, and what only a server sends (3.4.7); bit n is opcode n.
	 */
	static const uint64_t from_server =
		1ULL << 0x01 | 1ULL << 0x03 | 1ULL << 0x05 | 1ULL << 0x07 |
		1ULL << 0x09 | 1ULL << 0x0b | 1ULL << 0x0d | 1ULL << 0x0f |
		1ULL << 0x11 | 1ULL << 0x13 | 1ULL << 0x17 | 1ULL << 0x19 |
		1ULL << 0x1b | 1ULL << 0x1d | 1ULL << 0x21 | 1ULL << 0x23;

	return opcode >= 64 || !(from_server >> opcode & 1);
}

static int answer_mtu(struct gatt_request *req)
{
	uint16_t theirs = get_le16(req->pdu + 1);

	if (theirs < ATT_MTU_DEFAULT)
		theirs = ATT_MTU_DEFAULT;
	req->rsp[0] = ATT_EXCHANGE_MTU_RSP;
	put_le16(req->rsp + 1, ATT_MTU_OFFERED);
	req->server->mtu = theirs < ATT_MTU_OFFERED ? theirs : ATT_MTU_OFFERED;
	return 3;
}

static const struct {
	uint8_t opcode;
	bool optional;
	handler_fn handle;
} handlers[] = {
	{ ATT_EXCHANGE_MTU_REQ, false, answer_mtu },
	{ ATT_FIND_INFORMATION_REQ, false, gatt_find_information },
	{ ATT_FIND_BY_TYPE_VALUE_REQ, false, gatt_find_by_type_value },
	{ ATT_READ_BY_TYPE_REQ, false, gatt_read_by_type },
	{ ATT_READ_REQ, false, gatt_read },
	{ ATT_READ_BLOB_REQ, false, gatt_read_blob },
	{ ATT_READ_MULTIPLE_REQ, true, gatt_read_multiple },
	{ ATT_READ_MULTIPLE_VARIABLE_REQ, true, gatt_read_multiple },
	{ ATT_READ_BY_GROUP_TYPE_REQ, false, gatt_read_by_group_type },
	{ ATT_WRITE_REQ, false, gatt_write_request },
	{ ATT_WRITE_CMD, false, gatt_write_command },
	{ ATT_SIGNED_WRITE_CMD, false, gatt_signed_write_command },
	{ ATT_PREPARE_WRITE_REQ, true, gatt_prepare_write },
	{ ATT_EXECUTE_WRITE_REQ, true, gatt_execute_write },
};

static bool is_command(uint8_t opcode)
{
	return opcode & ATT_COMMAND_FLAG;
}

static int dispatch_request(struct gatt_request *req)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		if (handlers[i].opcode != req->pdu[0] ||
		    (handlers[i].optional && !req->server->optional))
			continue;
		/* A request longer than ATT_MTU is invalid (3.2.8). */
		if (att_form_error(req->pdu, req->len) ||
		    (!is_command(req->pdu[0]) && req->len > req->server->mtu))
			return -ATT_ECODE_INVALID_PDU;
		return handlers[i].handle(req);
	}
	return -ATT_ECODE_REQUEST_NOT_SUPPORTED;
}

/* Make a response of what a handler returned. */
static size_t make_response(struct gatt_request *req, int n)
{
	if (n >= 0)
		return (size_t)n;
	req->rsp[0] = ATT_ERROR_RSP;
	req->rsp[1] = req->pdu[0];
	put_le16(req->rsp + 2, req->handle);
	req->rsp[4] = (uint8_t)-n;
	return 5;
}

/* A confirmation that is malformed or not awaited is ignored. */
static void confirm(struct gatt_server *server, size_t len)
{
	if (len == 1)
		server->indicated = 0;
}

size_t gatt_server_handle(struct gatt_server *server, const uint8_t *pdu,
			  size_t len, uint8_t *rsp)
{
	struct gatt_request req = { server, pdu, len, rsp, 0 };

	if (!len || !gatt_server_takes(pdu[0]))
		return 0;
	if (pdu[0] == ATT_HANDLE_VALUE_CFM) {
		confirm(server, len);
	} else if (is_command(pdu[0])) {
		dispatch_request(&req);
	} else if (server->pending) {
		server->fault = true;
	} else {
		return make_response(&req, dispatch_request(&req));
	}
	return 0;
}

/* Go on with the answer for one attribute; there may be others to ask for. */
static int go_on_after(struct gatt_request *req, const uint8_t *value,
		       size_t len)
{
	struct gatt_server *server = req->server;

	switch (server->opcode) {
	case ATT_WRITE_REQ:
		req->rsp[0] = ATT_WRITE_RSP;
		return 1;
	case ATT_EXECUTE_WRITE_REQ:
		return gatt_execute_next(req);
	}
	if (len > ATT_VALUE_MAX)
		return -ATT_ECODE_UNLIKELY_ERROR;
	if (server->opcode == ATT_READ_MULTIPLE_REQ ||
	    server->opcode == ATT_READ_MULTIPLE_VARIABLE_REQ)
		return gatt_read_multiple_done(req, value, len);
	server->snapshot.handle = server->handle;
	server->snapshot.len = len;
	if (len)
		memcpy(server->snapshot.value, value, len);
	if (server->opcode == ATT_READ_BY_TYPE_REQ)
		return gatt_read_by_type_done(req, value, len);
	return gatt_read_done(req, value, len);
}

size_t gatt_server_complete(struct gatt_server *server, uint8_t error,
			    const void *value, size_t len, uint8_t *rsp)
{
	/* The opcode is all that is still needed of the request. */
	const uint8_t opcode = server->opcode;
	struct gatt_request req = { server, &opcode, 1, rsp, server->handle };

	if (!server->pending)
		return 0;
	server->pending = false;
	if (error && opcode == ATT_EXECUTE_WRITE_REQ)
		gatt_queue_clear(&server->queue);
	return make_response(&req,
			     error ? -error : go_on_after(&req, value, len));
}
