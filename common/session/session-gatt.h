/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT server of one session: of the link's ATT, or of the ATT PDUs inside
 * the channel.  Values that are not constant are the parent's: it is asked for
 * each, and says when one changes.  No I/O but by the callbacks.
 */
#ifndef BLESEC_SESSION_GATT_H
#define BLESEC_SESSION_GATT_H

#include "att/gatt-server.h"

struct session_gatt;

/*
 * first is what the server is at first: db may be NULL for an empty database,
 * mtu is the least, arg is passed to its callbacks and to send; what external
 * asks for is answered with session_gatt_answer.  send is given each PDU for
 * the peer.  NULL if there is no memory.
 */
struct session_gatt *session_gatt_new(
	const struct gatt_server *first,
	void (*send)(const uint8_t *pdu, size_t len, void *arg));
void session_gatt_free(struct session_gatt *gatt);

/* Its MTU, level, key_size and ltk may be set. */
struct gatt_server *session_gatt_server(struct session_gatt *gatt);

/*
 * A PDU of the peer that a server takes, of at most ATT_MTU_OFFERED octets.
 * Returns NULL, or the fault that ends the session.
 */
const char *session_gatt_receive(struct session_gatt *gatt,
				 const uint8_t *pdu, size_t len);

/* The parent's answer: an ATT error, or 0 and the value if that was read. */
void session_gatt_answer(struct session_gatt *gatt, uint8_t error,
			 const uint8_t *value, size_t len);

/*
 * The value at this handle has changed: notify or indicate it, if the peer
 * wants that.  While an indication is unconfirmed, the last value of each
 * characteristic waits for its turn.
 */
void session_gatt_changed(struct session_gatt *gatt, uint16_t handle,
			  const uint8_t *value, size_t len);

#endif
