/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT client that finds a peripheral's tunnel: it exchanges the MTU, finds
 * the service by its UUID, then its characteristics and descriptor, reads the
 * capability and enables notifications.  PDU in, PDU out, no I/O.
 */
#ifndef BLESEC_GATT_CLIENT_H
#define BLESEC_GATT_CLIENT_H

#include "att/gatt-db.h"

#define CAPABILITY_MIN 7
#define CAPABILITY_MAX 64

enum gatt_client_step {
	GATT_CLIENT_MTU,
	GATT_CLIENT_SERVICE,
	GATT_CLIENT_CHARACTERISTICS,
	GATT_CLIENT_DESCRIPTOR,
	GATT_CLIENT_CAPABILITY,
	GATT_CLIENT_ENABLE,
	GATT_CLIENT_DONE,
};

/* All zero is the start. */
struct gatt_client {
	enum gatt_client_step step;
	uint16_t mtu;		/* ATT_MTU, once past GATT_CLIENT_MTU */
	uint16_t next, end;	/* handles not looked at yet */
	struct gatt_tunnel_handles handles;
	uint8_t capability[CAPABILITY_MAX];
	size_t capability_len;
};

/*
 * Write the first request.  req has room for ATT_MTU_DEFAULT octets, here and
 * below.  Returns the length of the request.
 */
size_t gatt_client_start(struct gatt_client *client, uint8_t *req);

/*
 * Take the response to the last request, and write the next request and its
 * length; *req_len is 0 once step is GATT_CLIENT_DONE.  Returns NULL, or what
 * is wrong with the peripheral, in words.
 */
const char *gatt_client_response(struct gatt_client *client,
				 const uint8_t *pdu, size_t len, uint8_t *req,
				 size_t *req_len);

#endif
