/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ATT server of one link: answers every request of Core 5.4 Vol 3 Part F
 * 3.4 that needs no queue, from a database.  PDU in, PDU out, no I/O.
 */
#ifndef BLESEC_GATT_SERVER_H
#define BLESEC_GATT_SERVER_H

#include "gatt-db.h"

struct gatt_server {
	struct gatt_db *db;
	uint16_t mtu;		/* ATT_MTU in force */
	/*
	 * Called for a write to an attribute that permits it, before the
	 * value changes; returns an ATT error to refuse it.  A fixed-length
	 * attribute (len above 0) then takes the value.  May be NULL.
	 */
	uint8_t (*write)(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg);
	void *arg;
};

/*
 * Handle a request or command.  rsp takes ATT_MTU_OFFERED octets.
 * Returns the length of the response, 0 if there is none to send.
 */
size_t gatt_server_handle(struct gatt_server *server, const uint8_t *pdu,
			  size_t len, uint8_t *rsp);

/* True if a server handles this opcode: a request or command, not a reply. */
bool gatt_server_takes(uint8_t opcode);

#endif
