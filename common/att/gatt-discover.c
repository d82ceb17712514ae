/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Find Information, Find By Type Value, Read By Type, Read By Group Type. */
#include "config.h"
#include "att/gatt-request.h"

#include <string.h>

#include "base/bytes.h"

/* Starting and Ending Handle of a request (Vol 3 Part F 3.4.3.1). */
static int take_range(struct gatt_request *req, uint16_t *start, uint16_t *end)
{
	*start = get_le16(req->pdu + 1);
	*end = get_le16(req->pdu + 3);
	req->handle = *start;
	return *start == 0 || *start > *end ? -ATT_ECODE_INVALID_HANDLE : 0;
}

int gatt_find_information(struct gatt_request *req)
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

/*
 * Is that the value, and may the client know?  An external value is none that
 * could be compared now.
 */
static bool has_value(struct gatt_request *req,
		      const struct gatt_attribute *attribute)
{
	uint8_t own[2];
	size_t len;
	const uint8_t *value = gatt_value(req->server, attribute, own, &len);

	return value && len == req->len - 7 &&
	       (!len || !memcmp(value, req->pdu + 7, len)) &&
	       !gatt_permitted(req->server, attribute, GATT_READ);
}

/* 3.4.3.3: what may not be read is not found. */
int gatt_find_by_type_value(struct gatt_request *req)
{
	struct gatt_db *db = req->server->db;
	const struct gatt_uuid type = gatt_uuid_from(req->pdu + 5, 2);
	uint16_t start, end;
	size_t n = 1;
	int error = take_range(req, &start, &end);

	if (error)
		return error;
	for (size_t i = start - 1U; i < db->count && i < end; i++) {
		const struct gatt_attribute *a = &db->attributes[i];

		if (!gatt_uuid_equal(&a->type, &type) || !has_value(req, a))
			continue;
		if (n + 4 > req->server->mtu)
			break;
		put_le16(req->rsp + n, a->handle);
		put_le16(req->rsp + n + 2, gatt_db_group_end(db, a));
		n += 4;
	}
	if (n == 1)
		return -ATT_ECODE_ATTRIBUTE_NOT_FOUND;
	req->rsp[0] = ATT_FIND_BY_TYPE_VALUE_RSP;
	return (int)n;
}

/* The entries of a response to Read By Type or Read By Group Type. */
struct entries {
	struct gatt_request *req;
	size_t head;		/* one handle, or those of a group */
	size_t each;		/* the length of all, 0 before the first */
	size_t n;		/* octets of the response */
};

/* False if this one has another length, or does not fit any more. */
static bool add_entry(struct entries *to, uint16_t handle, uint16_t end,
		      const uint8_t *value, size_t len)
{
	const size_t mtu = to->req->server->mtu;
	/* The length of an entry is one octet. */
	const size_t take = gatt_min(len, gatt_min(mtu - 2U - to->head,
						   255 - to->head));
	uint8_t *p = to->req->rsp + to->n;

	if (!to->each)
		to->each = to->head + take;
	if (to->each != to->head + take || to->n + to->each > mtu)
		return false;
	put_le16(p, handle);
	if (to->head == 4)
		put_le16(p + 2, end);
	if (take)
		memcpy(p + to->head, value, take);
	to->n += to->each;
	return true;
}

static int finish(struct entries *to)
{
	if (!to->each)
		return -ATT_ECODE_ATTRIBUTE_NOT_FOUND;
	to->req->rsp[0] = (uint8_t)(to->req->pdu[0] + 1);
	to->req->rsp[1] = (uint8_t)to->each;
	return (int)to->n;
}

/*
 * Read By Type and Read By Group Type share all but the end of the group in
 * each entry: entries of one length, handle first, value last.  An error is
 * told of the first match only (3.4.4.1); a later one ends the list, and so
 * does an external value, which is asked for if it is the first.
 */
static int read_by(struct gatt_request *req, bool group)
{
	struct gatt_db *db = req->server->db;
	const struct gatt_uuid type =
		gatt_uuid_from(req->pdu + 5, req->len - 5);
	struct entries entries = { req, group ? 4 : 2, 0, 2 };
	uint16_t start, end;
	int error = take_range(req, &start, &end);

	if (error)
		return error;
	for (size_t i = start - 1U; i < db->count && i < end; i++) {
		const struct gatt_attribute *a = &db->attributes[i];
		const uint8_t *value;
		uint8_t own[2];
		size_t len;

		if (!gatt_uuid_equal(&a->type, &type))
			continue;
		error = gatt_permitted(req->server, a, GATT_READ);
		value = gatt_value(req->server, a, own, &len);
		if (!entries.each && (error || !value)) {
			req->handle = a->handle;
			return error ? -error : gatt_ask(req,
				&(struct gatt_external){ GATT_EXTERNAL_READ,
							 a->handle, 0, NULL,
							 0 });
		}
		if (error || !value ||
		    !add_entry(&entries, a->handle, a->group_end, value, len))
			break;
	}
	return finish(&entries);
}

int gatt_read_by_type(struct gatt_request *req)
{
	if (req->len != 7 && req->len != 21)
		return -ATT_ECODE_INVALID_PDU;
	return read_by(req, false);
}

int gatt_read_by_type_done(struct gatt_request *req, const uint8_t *value,
			   size_t len)
{
	struct entries entries = { req, 2, 0, 2 };

	add_entry(&entries, req->handle, 0, value, len);
	return finish(&entries);
}

int gatt_read_by_group_type(struct gatt_request *req)
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
