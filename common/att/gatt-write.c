/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The requests that write attributes (Core 5.4 Vol 3 Part F 3.4.5, 3.4.6):
 * Write Request, Write Command, Signed Write Command, Prepare Write and
 * Execute Write.
 */
#include "config.h"
#include "att/gatt-request.h"

#include <string.h>

#include "base/bytes.h"

#define EXECUTE_CANCEL 0
#define EXECUTE_WRITE 1

/* The maximum length of a value, stored or not. */
static size_t write_max(const struct gatt_attribute *attribute)
{
	if (gatt_is_configuration(attribute))
		return 2;
	return attribute->max ? attribute->max : ATT_VALUE_MAX;
}

/* Forget what was read of an external value that is now written. */
static void write_forget(struct gatt_server *server, uint16_t handle)
{
	if (server->snapshot.handle == handle)
		server->snapshot.handle = 0;
}

static uint8_t check_length(const struct gatt_attribute *attribute, size_t len)
{
	const bool configuration = gatt_is_configuration(attribute);
	bool good;

	/* Nothing is stored: the write callback decides. */
	if (!attribute->max && !attribute->external && !configuration)
		return 0;
	if (configuration || (attribute->max && !attribute->variable))
		good = len == write_max(attribute);
	else
		good = len <= write_max(attribute);
	return good ? 0 : ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
}

/*
 * Apply all of a new value to an attribute that is not external.  A variable
 * length becomes that of the value (3.4.5.1).
 */
static uint8_t write_apply(struct gatt_server *server,
			   struct gatt_attribute *attribute,
			   const uint8_t *value, size_t len)
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

/* Write the len octets that follow the handle. */
static int write_attribute(struct gatt_request *req, uint8_t access, size_t len)
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
		error = -write_apply(server, a, value, len);
		return error ? error : 1;
	}
	write_forget(server, a->handle);
	return gatt_ask(req, &(struct gatt_external){
		access == GATT_WRITE ? GATT_EXTERNAL_WRITE
				     : GATT_EXTERNAL_COMMAND,
		a->handle, 0, value, len });
}

int gatt_write_request(struct gatt_request *req)
{
	return write_attribute(req, GATT_WRITE, req->len - 3);
}

int gatt_write_command(struct gatt_request *req)
{
	return write_attribute(req, GATT_WRITE_COMMAND, req->len - 3);
}

/* 3.4.5.4: the signature covers all that is before it. */
int gatt_signed_write_command(struct gatt_request *req)
{
	const size_t len = req->len - ATT_SIGNATURE_SIZE;
	struct gatt_server *server = req->server;
	const struct gatt_attribute *a = gatt_db_find(server->db,
						      get_le16(req->pdu + 1));

	/* Do not use up a counter if the value cannot be written anyway. */
	if (!a || !(a->access & GATT_WRITE_SIGNED))
		return -ATT_ECODE_WRITE_NOT_PERMITTED;
	if (!server->verify ||
	    !server->verify(req->pdu, len, req->pdu + len, server->arg))
		return -ATT_ECODE_INSUFFICIENT_AUTHENTICATION;
	return write_attribute(req, GATT_WRITE_SIGNED, len - 3);
}

void gatt_queue_clear(struct gatt_queue *queue)
{
	queue->count = queue->used = queue->next = queue->next_octet = 0;
}

/* 3.4.6.1: offset and length are only checked by Execute Write. */
int gatt_prepare_write(struct gatt_request *req)
{
	struct gatt_queue *queue = &req->server->queue;
	const size_t len = req->len - 5;
	struct gatt_attribute *a;
	int error = gatt_take(req, get_le16(req->pdu + 1), GATT_WRITE, &a);

	if (error)
		return error;
	if (queue->count == GATT_QUEUE_PARTS ||
	    len > GATT_QUEUE_OCTETS - queue->used)
		return -ATT_ECODE_PREPARE_QUEUE_FULL;
	queue->parts[queue->count++] = (struct gatt_prepared){
		.handle = a->handle,
		.offset = get_le16(req->pdu + 3),
		.len = (uint16_t)len,
	};
	memcpy(queue->octets + queue->used, req->pdu + 5, len);
	queue->used += len;
	/*
	 * The response repeats the request, which is not longer than ATT_MTU.
	 */
	memcpy(req->rsp, req->pdu, req->len);
	req->rsp[0] = ATT_PREPARE_WRITE_RSP;
	return (int)req->len;
}

/*
 * The part at "next" and those after it that continue it are one write, so that
 * a long value is written at once.
 */
static struct gatt_prepared take_run(const struct gatt_queue *queue,
				     size_t *next)
{
	struct gatt_prepared run = queue->parts[(*next)++];

	while (*next < queue->count) {
		const struct gatt_prepared *part = &queue->parts[*next];

		if (part->handle != run.handle ||
		    part->offset != run.offset + run.len)
			break;
		run.len = (uint16_t)(run.len + part->len);
		(*next)++;
	}
	return run;
}

/*
 * Can a run be written to a value of len octets? The end of an external value
 * is only known to its owner.
 */
static uint8_t check_run(const struct gatt_attribute *attribute,
			 const struct gatt_prepared *run, size_t len)
{
	if (run->offset > write_max(attribute) ||
	    (!attribute->external && run->offset > len))
		return ATT_ECODE_INVALID_OFFSET;
	if ((size_t)run->offset + run->len > write_max(attribute))
		return ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
	return 0;
}

/* The length of a value when all parts before "end" have been written. */
static size_t length_by_then(const struct gatt_request *req,
			     const struct gatt_attribute *attribute, size_t end)
{
	const struct gatt_queue *queue = &req->server->queue;
	uint8_t own[2];
	size_t len;

	gatt_value(req->server, attribute, own, &len);
	if (!attribute->variable)
		return len;
	while (end-- > 0)
		if (queue->parts[end].handle == attribute->handle)
			return (size_t)queue->parts[end].offset +
			       queue->parts[end].len;
	return len;
}

/* 3.4.6.3: nothing is written unless everything can be. */
static int check_all(struct gatt_request *req)
{
	const struct gatt_queue *queue = &req->server->queue;
	size_t next = 0;

	while (next < queue->count) {
		const size_t first = next;
		const struct gatt_prepared run = take_run(queue, &next);
		struct gatt_attribute *a;
		int error = gatt_take(req, run.handle, GATT_WRITE, &a);

		if (!error)
			error = -check_run(a, &run,
					   length_by_then(req, a, first));
		if (error)
			return error;
	}
	return 0;
}

/*
 * A value of variable length ends with what is written, as with Write Request.
 */
static uint8_t apply_run(struct gatt_server *server,
			 struct gatt_attribute *attribute,
			 const struct gatt_prepared *run, const uint8_t *octets)
{
	uint8_t whole[ATT_VALUE_MAX], own[2];
	size_t len;
	const uint8_t *value = gatt_value(server, attribute, own, &len);
	/* A command may have come between the check and this. */
	uint8_t error = check_run(attribute, run, len);

	if (error)
		return error;
	if (len)
		memcpy(whole, value, len);
	if (run->len)
		memcpy(whole + run->offset, octets, run->len);
	if (attribute->variable || !attribute->max)
		len = (size_t)run->offset + run->len;
	return write_apply(server, attribute, whole, len);
}

static int write_next(struct gatt_request *req)
{
	struct gatt_server *server = req->server;
	struct gatt_queue *queue = &server->queue;

	while (queue->next < queue->count) {
		const struct gatt_prepared run = take_run(queue, &queue->next);
		const uint8_t *octets = queue->octets + queue->next_octet;
		struct gatt_attribute *a;
		int error = gatt_take(req, run.handle, GATT_WRITE, &a);

		if (error)
			return error;
		queue->next_octet += run.len;
		if (a->external && !gatt_is_configuration(a)) {
			write_forget(server, a->handle);
			return gatt_ask(req, &(struct gatt_external){
				GATT_EXTERNAL_WRITE, a->handle, run.offset,
				octets, run.len });
		}
		error = -apply_run(server, a, &run, octets);
		if (error)
			return error;
	}
	req->rsp[0] = ATT_EXECUTE_WRITE_RSP;
	return 1;
}

/*
 * Go on executing.  The first write that is refused ends it; the state of the
 * values is then undefined (3.4.6.3).
 */
int gatt_execute_next(struct gatt_request *req)
{
	int n = write_next(req);

	if (n)
		gatt_queue_clear(&req->server->queue);
	return n;
}

/* The queue is empty afterwards, whatever the result. */
int gatt_execute_write(struct gatt_request *req)
{
	int error;

	if (req->pdu[1] > EXECUTE_WRITE)
		return -ATT_ECODE_INVALID_PDU;
	if (req->pdu[1] == EXECUTE_CANCEL)
		gatt_queue_clear(&req->server->queue);
	error = check_all(req);
	if (error) {
		gatt_queue_clear(&req->server->queue);
		return error;
	}
	return gatt_execute_next(req);
}
