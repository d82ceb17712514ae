/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What centrals see: what was discovered of the peripheral, as far as it is
 * exposed, and a service of the gateway's own after it.  Pure.
 */
#ifndef BLESEC_GATEWAY_VIEW_H
#define BLESEC_GATEWAY_VIEW_H

#include "att/gatt-explorer.h"
#include "att/gatt-server.h"

#define GATEWAY_OWN 0xfff0 /* first handle of the service of its own */

/* A Client Characteristic Configuration of the peripheral. */
struct configuration {
	uint16_t handle;
	uint16_t value;	 /* handle of the characteristic's value */
	uint8_t allowed; /* bits */
	bool services;	 /* of Service Changed: wanted by the gateway */
	uint8_t written; /* what the peripheral has, */
	bool unsure;	 /* or perhaps not: the link is new */
};

/* Set the first two members; all others are 0. */
struct gateway_view {
	const struct gatt_uuid *expose; /* the caller's; all, if there are 0 */
	size_t expose_count;

	bool known;		  /* something was discovered: */
	struct gatt_found *table; /* in order of handles */
	size_t used;
	uint8_t shown[0x10000 / 8]; /* by handle, where some are hidden */
	struct configuration *configurations;
	size_t configured;

	bool offered; /* the service of its own */
	struct gatt_db own;
	uint16_t advertising; /* handle of its value in the database */
};

/* False: no memory. */
bool gateway_view_init(struct gateway_view *view);
void gateway_view_free(struct gateway_view *view);

/* Whether that is not what was discovered before. */
bool gateway_view_differs(const struct gateway_view *view,
			  const struct gatt_found *table, size_t used);
/* Take over what was discovered.  False: no memory, nothing is known. */
bool gateway_view_set(struct gateway_view *view, struct gatt_found *table,
		      size_t used);

/* What the peripheral advertises; it is cut as gateway_advertising says. */
void gateway_view_advertise(struct gateway_view *view, const uint8_t *data,
			    size_t len);

/* Can a central see the attribute, if it is there? */
bool gateway_shown(const struct gateway_view *view, uint16_t handle);
/* Is the attribute there, and hidden? */
bool gateway_hidden(const struct gateway_view *view, uint16_t handle);
/* Is it of the service of the gateway's own? */
bool gateway_is_own(const struct gateway_view *view, uint16_t handle);

/* The configuration with that handle, or NULL. */
struct configuration *gateway_configuration(const struct gateway_view *view,
					    uint16_t handle);
/* Whether that is the value of Service Changed. */
bool gateway_is_service_changed(const struct gateway_view *view,
				uint16_t value);
/* The value of the configuration that a central has, by its server. */
uint8_t gateway_bits(const struct gatt_server *server, uint16_t handle);

/*
 * Leave what a central may see of a list that is well-formed and answers that
 * request, with the configurations of the central's server in it.  Returns the
 * length, 0 if nothing is left; *next is the handle from which to go on.
 */
size_t gateway_edit(const struct gateway_view *view,
		    const struct gatt_server *server, const uint8_t *request,
		    size_t request_len, uint8_t *pdu, size_t len,
		    uint32_t *next);
/* Cut a response or a notification as a server with that MTU would. */
size_t gateway_cut(uint8_t *pdu, size_t len, uint16_t mtu);

/*
 * Answer for the service of its own, to all of a list's range that is in it.
 * server is the central's, of the database "own"; rsp takes ATT_MTU_OFFERED
 * octets.  Returns the length of the response.
 */
size_t gateway_own_answer(struct gatt_server *server, const uint8_t *request,
			  size_t len, uint8_t *rsp);

static inline bool gateway_is_multiple(uint8_t request)
{
	return request == ATT_READ_MULTIPLE_REQ ||
	       request == ATT_READ_MULTIPLE_VARIABLE_REQ;
}

#endif
