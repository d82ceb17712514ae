/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the parts of the ATT server share: gatt-server.c dispatches requests to
 * gatt-read.c and gatt-write.c, which both use gatt-access.c.
 */
#ifndef BLESEC_GATT_REQUEST_H
#define BLESEC_GATT_REQUEST_H

#include "att/gatt-server.h"

struct gatt_request {
	struct gatt_server *server;
	const uint8_t *pdu;	/* of the form that its opcode requires */
	size_t len;
	uint8_t *rsp;
	uint16_t handle;	/* Attribute Handle In Error */
};

/*
 * The functions below that return an int return the length of a response, the
 * negative of an ATT error, or 0 if the answer is pending.
 */

/*
 * gatt-access.c: may this client access the attribute that way (one of enum
 * gatt_access)? Returns 0 or an ATT error.
 */
uint8_t gatt_permitted(const struct gatt_server *server,
		       const struct gatt_attribute *attribute, uint8_t access);
/*
 * Set req->handle and *found to the attribute that a request is about.  Returns
 * 0, or the negative of an ATT error if the client may not access it that way.
 */
int gatt_take(struct gatt_request *req, uint16_t handle, uint8_t access,
	      struct gatt_attribute **found);
/* Ask for an external value, or to write one. */
int gatt_ask(struct gatt_request *req, const struct gatt_external *what);
/* Is the value each client's own? */
bool gatt_is_configuration(const struct gatt_attribute *attribute);
/* An attribute's value for this client; own has room for 2 octets. */
const uint8_t *gatt_value(const struct gatt_server *server,
			  const struct gatt_attribute *attribute,
			  uint8_t own[2], size_t *len);
/* Can the client set such a configuration? Returns 0 or an ATT error. */
uint8_t gatt_configuration_allowed(const struct gatt_server *server,
				   const struct gatt_attribute *attribute,
				   const uint8_t *value, size_t len);

/* gatt-read.c: the ..._done functions take an external value that was read. */
int gatt_find_information(struct gatt_request *req);
int gatt_find_by_type_value(struct gatt_request *req);
int gatt_read_by_type(struct gatt_request *req);
int gatt_read_by_type_done(struct gatt_request *req, const uint8_t *value,
			   size_t len);
int gatt_read_by_group_type(struct gatt_request *req);
int gatt_read(struct gatt_request *req);
int gatt_read_blob(struct gatt_request *req);
int gatt_read_done(struct gatt_request *req, const uint8_t *value, size_t len);
int gatt_read_multiple(struct gatt_request *req);
int gatt_read_multiple_done(struct gatt_request *req, const uint8_t *value,
			    size_t len);

/* gatt-write.c */
int gatt_write_request(struct gatt_request *req);
int gatt_write_command(struct gatt_request *req);
int gatt_signed_write_command(struct gatt_request *req);
int gatt_prepare_write(struct gatt_request *req);
int gatt_execute_write(struct gatt_request *req);
int gatt_execute_next(struct gatt_request *req);
void gatt_queue_clear(struct gatt_queue *queue);

static inline size_t gatt_min(size_t a, size_t b)
{
	return a < b ? a : b;
}

#endif
