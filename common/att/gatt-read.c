/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The requests that find and read attributes (Core 5.4 Vol 3 Part F 3.4.3,
 * 3.4.4): Find Information, Find By Type Value, Read By Type, Read By Group
 * Type, Read, Read Blob, Read Multiple and Read Multiple Variable.
 */
#include "config.h"
#include "att/gatt-request.h"

#include <string.h>

#include "base/bytes.h"

/* Take the Starting and Ending Handle of a request (Vol 3 Part F 3.4.3.1). */
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
 * Has the attribute the value asked for, and may the client read it? An
 * external value cannot be compared here.
 */
static bool has_that_value(struct gatt_request *req,
			   const struct gatt_attribute *attribute)
{
	uint8_t own[2];
	size_t len;
	const uint8_t *value = gatt_value(req->server, attribute, own, &len);

	return value && len == req->len - 7 &&
	       (!len || !memcmp(value, req->pdu + 7, len)) &&
	       !gatt_permitted(req->server, attribute, GATT_READ);
}

/* 3.4.3.3: an attribute that the client may not read is not found. */
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

		if (!gatt_uuid_equal(&a->type, &type) ||
		    !has_that_value(req, a))
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
	size_t head;		/* octets for a handle, or for the two of a
				 * group */
	size_t each;		/* length of each entry, 0 before the first */
	size_t n;		/* octets of the response */
};

/* Returns false if the entry has another length or does not fit any more. */
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

static int finish_entries(struct entries *to)
{
	if (!to->each)
		return -ATT_ECODE_ATTRIBUTE_NOT_FOUND;
	to->req->rsp[0] = (uint8_t)(to->req->pdu[0] + 1);
	to->req->rsp[1] = (uint8_t)to->each;
	return (int)to->n;
}

/*
 * Read By Type and Read By Group Type differ only in the end of the group:
 * their entries have one length, with the handle first and the value last.  An
 * error is only reported for the first match (3.4.4.1); at a later match it
 * ends the list.  So does an external value, which is asked for if it is the
 * first.
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
	return finish_entries(&entries);
}

int gatt_read_by_type(struct gatt_request *req)
{
	return read_by(req, false);
}

int gatt_read_by_type_done(struct gatt_request *req, const uint8_t *value,
			   size_t len)
{
	struct entries entries = { req, 2, 0, 2 };

	add_entry(&entries, req->handle, 0, value, len);
	return finish_entries(&entries);
}

int gatt_read_by_group_type(struct gatt_request *req)
{
	const struct gatt_uuid primary = gatt_uuid16(GATT_PRIMARY_SERVICE);
	const struct gatt_uuid secondary =
		gatt_uuid16(GATT_SECONDARY_SERVICE);
	const struct gatt_uuid type =
		gatt_uuid_from(req->pdu + 5, req->len - 5);

	req->handle = get_le16(req->pdu + 1);
	/* Vol 3 Part G 2.5.3: the two grouping attributes. */
	if (!gatt_uuid_equal(&type, &primary) &&
	    !gatt_uuid_equal(&type, &secondary))
		return -ATT_ECODE_UNSUPPORTED_GROUP_TYPE;
	return read_by(req, true);
}

/* Respond with as much of a value as fits, from an offset on. */
static int give_part(struct gatt_request *req, const uint8_t *value, size_t len,
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

static int read_external(struct gatt_request *req,
			 const struct gatt_attribute *attribute)
{
	return gatt_ask(req, &(struct gatt_external){ GATT_EXTERNAL_READ,
						      attribute->handle, 0,
						      NULL, 0 });
}

/*
 * The rest of an external value is taken from the value whose beginning was
 * read, so that a client never puts together parts of two values.
 */
static int give_external(struct gatt_request *req,
			 const struct gatt_attribute *attribute,
			 uint16_t offset)
{
	struct gatt_server *server = req->server;

	if (offset && server->snapshot.handle == attribute->handle)
		return give_part(req, server->snapshot.value,
				 server->snapshot.len, offset);
	server->offset = offset;
	return read_external(req, attribute);
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
	/* Vol 3 Part F 3.4.4.5 permits this error but does not require it. */
	if (blob && a->not_long && !a->variable &&
	    a->max <= req->server->mtu - 1U)
		return -ATT_ECODE_ATTRIBUTE_NOT_LONG;
	value = gatt_value(req->server, a, own, &len);
	if (!value)
		return give_external(req, a, offset);
	return give_part(req, value, len, offset);
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
	return give_part(req, value, len, req->server->offset);
}

static bool with_lengths(const struct gatt_server *server)
{
	return server->multiple.req[0] == ATT_READ_MULTIPLE_VARIABLE_REQ;
}

/* Is there room for more? A length must fit as a whole. */
static bool has_room(const struct gatt_server *server)
{
	if (with_lengths(server))
		return server->multiple.used + 2 <= server->mtu;
	return server->multiple.used < server->mtu;
}

/*
 * 3.4.4.8, 3.4.4.12: what does not fit is cut off; a length is that of the
 * whole value.
 */
static void append_multiple(struct gatt_server *server, const uint8_t *value,
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
 * Go on with the values of the request.  Those that do not fit must be readable
 * too; the first that is not is the error.
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
			return read_external(req, a);
		append_multiple(server, value, len);
	}
	memcpy(req->rsp, server->multiple.rsp, server->multiple.used);
	return (int)server->multiple.used;
}

int gatt_read_multiple(struct gatt_request *req)
{
	struct gatt_server *server = req->server;

	/* The server takes no request longer than ATT_MTU. */
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
	append_multiple(req->server, value, len);
	return read_next(req);
}
