/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT server of one session, for the ATT of the link or for that in the
 * channel.  The parent has the values that are not constant: it is asked for
 * each, and says when one changes.  All I/O is done by the callbacks.
 */
#ifndef BLESEC_SESSION_GATT_H
#define BLESEC_SESSION_GATT_H

#include "att/gatt-server.h"

struct session_gatt;

/*
 * The server is a copy of first.  Its db may be NULL for an empty database, its
 * mtu is set to the least, its arg is passed to its callbacks and to send.  What
 * external asks for is answered by session_gatt_answer; send gets each PDU for
 * the peer.  Returns NULL if there is no memory.
 */
struct session_gatt *session_gatt_new(
	const struct gatt_server *first,
	void (*send)(const uint8_t *pdu, size_t len, void *arg));
void session_gatt_free(struct session_gatt *gatt);

/* Its MTU, level, key_size and ltk may be set. */
struct gatt_server *session_gatt_server(struct session_gatt *gatt);

/*
 * Take a PDU for a server, of at most ATT_MTU_OFFERED octets.
 * Returns NULL, or the fault that ends the session.
 */
const char *session_gatt_receive(struct session_gatt *gatt,
				 const uint8_t *pdu, size_t len);

/* The parent answers: an ATT error, or 0 and, if it was read, the value. */
void session_gatt_answer(struct session_gatt *gatt, uint8_t error,
			 const uint8_t *value, size_t len);

/*
 * The value at this handle has changed: notify or indicate it, if the peer has
 * enabled that.  While an indication is unconfirmed, the last value of each
 * characteristic waits for its turn.
 */
void session_gatt_changed(struct session_gatt *gatt, uint16_t handle,
			  const uint8_t *value, size_t len);

#endif
