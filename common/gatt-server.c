/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gatt-server.h"

#include <string.h>

#include "bytes.h"

struct request {
	struct gatt_server *server;
	const uint8_t *pdu;
	size_t len;
	uint8_t *rsp;
	uint16_t handle;	/* for the Error Response */
};

/* A response's length, or the negative of an ATT error. */
typedef int (*handler_fn)(struct request *req);

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

bool gatt_server_takes(uint8_t opcode)
{
	/* Replies, and what a server starts (3.4.7); bit n is opcode n. */
	static const uint64_t from_server =
		1ULL << 0x01 | 1ULL << 0x03 | 1ULL << 0x05 | 1ULL << 0x07 |
		1ULL << 0x09 | 1ULL << 0x0b | 1ULL << 0x0d | 1ULL << 0x0f |
		1ULL << 0x11 | 1ULL << 0x13 | 1ULL << 0x17 | 1ULL << 0x19 |
		1ULL << 0x1b | 1ULL << 0x1d | 1ULL << 0x1e | 1ULL << 0x21 |
		1ULL << 0x23;

	return opcode >= 64 || !(from_server >> opcode & 1);
}

/* Starting and Ending Handle of a request (3.4.3.1). */
static int take_range(struct request *req, uint16_t *start, uint16_t *end)
{
	*start = get_le16(req->pdu + 1);
	*end = get_le16(req->pdu + 3);
	req->handle = *start;
	return *start == 0 || *start > *end ? -ATT_ECODE_INVALID_HANDLE : 0;
}

static int exchange_mtu(struct request *req)
{
	uint16_t theirs = get_le16(req->pdu + 1);

	if (theirs < ATT_MTU_DEFAULT)
		theirs = ATT_MTU_DEFAULT;
	req->rsp[0] = ATT_EXCHANGE_MTU_RSP;
	put_le16(req->rsp + 1, ATT_MTU_OFFERED);
	req->server->mtu = theirs < ATT_MTU_OFFERED ? theirs : ATT_MTU_OFFERED;
	return 3;
}

static int find_information(struct request *req)
{
	struct gatt_db *db = req->server->db;
	uint16_t start, end;
	size_t n = 2, each = 0;
	int error = take_range(req, &start, &end);

	if (error)
		return error;
	for (size_t i = start - 1U; i < db->count && i < end; i++) {
		const struct gatt_attribute *a = &db->attributes[i];

		if (!each)
			each = 2U + a->type.len;
		if (each != 2U + a->type.len || n + each > req->server->mtu)
			break;
		put_le16(req->rsp + n, a->handle);
		memcpy(req->rsp + n + 2, a->type.value, a->type.len);
		n += each;
	}
	if (!each)
		return -ATT_ECODE_ATTRIBUTE_NOT_FOUND;
	req->rsp[0] = ATT_FIND_INFORMATION_RSP;
	req->rsp[1] = each == 4 ? 1 : 2;
	return (int)n;
}

static int find_by_type_value(struct request *req)
{
	struct gatt_db *db = req->server->db;
	struct gatt_uuid type = gatt_uuid_from(req->pdu + 5, 2);
	uint16_t start, end;
	size_t n = 1;
	int error = take_range(req, &start, &end);

	if (error)
		return error;
	for (size_t i = start - 1U; i < db->count && i < end; i++) {
		const struct gatt_attribute *a = &db->attributes[i];

		if (!gatt_uuid_equal(&a->type, &type) ||
		    !(a->access & GATT_READ) || a->len != req->len - 7 ||
		    memcmp(a->value, req->pdu + 7, a->len) != 0)
			continue;
		if (n + 4 > req->server->mtu)
			break;
		put_le16(req->rsp + n, a->handle);
		put_le16(req->rsp + n + 2,
			 a->group_end ? a->group_end : a->handle);
		n += 4;
	}
	if (n == 1)
		return -ATT_ECODE_ATTRIBUTE_NOT_FOUND;
	req->rsp[0] = ATT_FIND_BY_TYPE_VALUE_RSP;
	return (int)n;
}

/*
 * Read By Type and Read By Group Type share all but the end of the group in
 * each entry: entries of one length, handle first, value last.
 */
static int read_by(struct request *req, bool group)
{
	struct gatt_db *db = req->server->db;
	const size_t head = group ? 4 : 2;
	struct gatt_uuid type = gatt_uuid_from(req->pdu + 5, req->len - 5);
	uint16_t start, end;
	size_t n = 2, each = 0;
	int error = take_range(req, &start, &end);

	if (error)
		return error;
	for (size_t i = start - 1U; i < db->count && i < end; i++) {
		const struct gatt_attribute *a = &db->attributes[i];
		size_t take = min_size(a->len,
				       min_size(req->server->mtu - 2U - head,
						255 - head));

		if (!gatt_uuid_equal(&a->type, &type))
			continue;
		if (!(a->access & GATT_READ)) {
			req->handle = a->handle;
			if (!each)
				return -ATT_ECODE_READ_NOT_PERMITTED;
			break;
		}
		if (!each)
			each = head + take;
		if (each != head + take || n + each > req->server->mtu)
			break;
		put_le16(req->rsp + n, a->handle);
		if (group)
			put_le16(req->rsp + n + 2, a->group_end);
		memcpy(req->rsp + n + head, a->value, take);
		n += each;
	}
	if (!each)
		return -ATT_ECODE_ATTRIBUTE_NOT_FOUND;
	req->rsp[0] = (uint8_t)(req->pdu[0] + 1);
	req->rsp[1] = (uint8_t)each;
	return (int)n;
}

static int read_by_type(struct request *req)
{
	if (req->len != 7 && req->len != 21)
		return -ATT_ECODE_INVALID_PDU;
	return read_by(req, false);
}

static int read_by_group_type(struct request *req)
{
	const struct gatt_uuid primary = gatt_uuid16(GATT_PRIMARY_SERVICE);
	const struct gatt_uuid secondary =
		gatt_uuid16(GATT_SECONDARY_SERVICE);
	struct gatt_uuid type;

	if (req->len != 7 && req->len != 21)
		return -ATT_ECODE_INVALID_PDU;
	type = gatt_uuid_from(req->pdu + 5, req->len - 5);
	req->handle = get_le16(req->pdu + 1);
	/* Vol 3 Part G 2.5.3: the two grouping attributes. */
	if (!gatt_uuid_equal(&type, &primary) &&
	    !gatt_uuid_equal(&type, &secondary))
		return -ATT_ECODE_UNSUPPORTED_GROUP_TYPE;
	return read_by(req, true);
}

static int read_at(struct request *req, size_t offset)
{
	const struct gatt_attribute *a;
	size_t n;

	req->handle = get_le16(req->pdu + 1);
	a = gatt_db_find(req->server->db, req->handle);
	if (!a)
		return -ATT_ECODE_INVALID_HANDLE;
	if (!(a->access & GATT_READ))
		return -ATT_ECODE_READ_NOT_PERMITTED;
	if (offset > a->len)
		return -ATT_ECODE_INVALID_OFFSET;
	n = min_size(a->len - offset, req->server->mtu - 1U);
	req->rsp[0] = (uint8_t)(req->pdu[0] + 1);
	if (n)
		memcpy(req->rsp + 1, a->value + offset, n);
	return (int)(1 + n);
}

static int read_whole(struct request *req)
{
	return read_at(req, 0);
}

static int read_blob(struct request *req)
{
	return read_at(req, get_le16(req->pdu + 3));
}

static int write_value(struct request *req, uint8_t needed)
{
	struct gatt_server *server = req->server;
	const uint8_t *value = req->pdu + 3;
	size_t len = req->len - 3;
	struct gatt_attribute *a;
	uint8_t error;

	req->handle = get_le16(req->pdu + 1);
	a = gatt_db_find(server->db, req->handle);
	if (!a)
		return -ATT_ECODE_INVALID_HANDLE;
	if (!(a->access & needed))
		return -ATT_ECODE_WRITE_NOT_PERMITTED;
	if (a->len && len != a->len)
		return -ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
	error = server->write ? server->write(a->handle, value, len,
					      server->arg) : 0;
	if (error)
		return -error;
	if (a->len)
		memcpy(a->value, value, len);
	req->rsp[0] = ATT_WRITE_RSP;
	return 1;
}

static int write_request(struct request *req)
{
	return write_value(req, GATT_WRITE);
}

static int write_command(struct request *req)
{
	return write_value(req, GATT_WRITE_COMMAND);
}

static const struct {
	uint8_t opcode;
	uint8_t min, max;	/* length of the PDU; max 0: no limit */
	handler_fn handle;
} handlers[] = {
	{ ATT_EXCHANGE_MTU_REQ, 3, 3, exchange_mtu },
	{ ATT_FIND_INFORMATION_REQ, 5, 5, find_information },
	{ ATT_FIND_BY_TYPE_VALUE_REQ, 7, 0, find_by_type_value },
	{ ATT_READ_BY_TYPE_REQ, 7, 21, read_by_type },
	{ ATT_READ_REQ, 3, 3, read_whole },
	{ ATT_READ_BLOB_REQ, 5, 5, read_blob },
	{ ATT_READ_BY_GROUP_TYPE_REQ, 7, 21, read_by_group_type },
	{ ATT_WRITE_REQ, 3, 0, write_request },
	{ ATT_WRITE_CMD, 3, 0, write_command },
};

static int dispatch(struct request *req)
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(*handlers); i++) {
		if (handlers[i].opcode != req->pdu[0])
			continue;
		if (req->len < handlers[i].min ||
		    (handlers[i].max && req->len > handlers[i].max))
			return -ATT_ECODE_INVALID_PDU;
		return handlers[i].handle(req);
	}
	return -ATT_ECODE_REQUEST_NOT_SUPPORTED;
}

size_t gatt_server_handle(struct gatt_server *server, const uint8_t *pdu,
			  size_t len, uint8_t *rsp)
{
	struct request req = { server, pdu, len, rsp, 0 };
	int n;

	if (!len || !gatt_server_takes(pdu[0]))
		return 0;
	n = dispatch(&req);
	if (pdu[0] & ATT_COMMAND_FLAG)
		return 0;
	if (n > 0)
		return (size_t)n;
	rsp[0] = ATT_ERROR_RSP;
	rsp[1] = pdu[0];
	put_le16(rsp + 2, req.handle);
	rsp[4] = (uint8_t)-n;
	return 5;
}
