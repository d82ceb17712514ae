/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What centrals see: the exposed part of what was discovered of the peripheral,
 * and after it a service of the gateway's own.  Pure.
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
	uint8_t allowed;	/* the bits that the properties allow */
	bool services;		/* of Service Changed: the gateway wants it */
	uint8_t written;	/* the bits that the peripheral has, */
	bool unsure;		/* or may not have, because the link is new */
};

/* Set the first two members; all others are 0. */
struct gateway_view {
	const struct gatt_uuid *expose;	/* the caller's; none exposes all */
	size_t expose_count;

	bool known;		/* a peripheral has been discovered: */
	struct gatt_found *table;	/* in order of handles */
	size_t used;
	uint8_t shown[0x10000 / 8];	/* by handle, where some are hidden */
	struct configuration *configurations;
	size_t configured;

	bool offered;		/* there is room for a service of our own */
	struct gatt_db own;
	uint16_t advertising;	/* handle of its value in that database */
};

/* False if memory is short. */
bool gateway_view_init(struct gateway_view *view);
void gateway_view_free(struct gateway_view *view);

/* Whether that differs from what was discovered before. */
bool gateway_view_differs(const struct gateway_view *view,
			  const struct gatt_found *table, size_t used);
/*
 * Take over what was discovered.  If memory is short, false; nothing is known
 * then.
 */
bool gateway_view_set(struct gateway_view *view, struct gatt_found *table,
		      size_t used);

/* Set what the peripheral advertises, as gateway_advertising does. */
void gateway_view_advertise(struct gateway_view *view, const uint8_t *data,
			    size_t len);

/* Can a central see this handle? */
bool gateway_shown(const struct gateway_view *view, uint16_t handle);
/* Has the peripheral this attribute, and is it hidden? */
bool gateway_hidden(const struct gateway_view *view, uint16_t handle);
/* Is it a handle of the gateway's own service? */
bool gateway_is_own(const struct gateway_view *view, uint16_t handle);

/* The configuration with that handle, or NULL. */
struct configuration *gateway_configuration(const struct gateway_view *view,
					    uint16_t handle);
/* Whether that is the handle of the value of Service Changed. */
bool gateway_is_service_changed(const struct gateway_view *view,
				uint16_t value);
/* A central's bits of the configuration with that handle. */
uint8_t gateway_bits(const struct gatt_server *server, uint16_t handle);

/*
 * Remove from a well-formed list that answers that request what the central may
 * not see, and put the values of the central's own configurations into it.
 * Returns the length, or 0 if nothing is left; *next is then the handle from
 * which to go on.
 */
size_t gateway_edit(const struct gateway_view *view,
		    const struct gatt_server *server, const uint8_t *request,
		    size_t request_len, uint8_t *pdu, size_t len,
		    uint32_t *next);
/* Cut a response or a notification as a server with that MTU would. */
size_t gateway_cut(uint8_t *pdu, size_t len, uint16_t mtu);

/*
 * Answer a request for the gateway's own service; of the range of a list, only
 * the part in this service.  server is the central's, of the database "own";
 * rsp has room for ATT_MTU_OFFERED octets.  Returns the length of the response.
 */
size_t gateway_own_answer(struct gatt_server *server, const uint8_t *request,
			  size_t len, uint8_t *rsp);

static inline bool gateway_is_multiple(uint8_t request)
{
	return request == ATT_READ_MULTIPLE_REQ ||
	       request == ATT_READ_MULTIPLE_VARIABLE_REQ;
}

#endif
