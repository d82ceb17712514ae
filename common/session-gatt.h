/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Secured GATT of one session: ATT PDUs inside the channel, answered from a
 * profile.  Values that are not constant are the parent's: it is asked for
 * each, and says when one changes.  No I/O but by the callbacks.
 */
#ifndef BLESEC_SESSION_GATT_H
#define BLESEC_SESSION_GATT_H

#include "gatt-server.h"

struct session_gatt;

struct session_gatt_settings {
	const struct gatt_db *profile;	/* NULL: an empty database */
	/* Send a PDU to the peer, in the channel. */
	void (*send)(const uint8_t *pdu, size_t len, void *arg);
	/* Ask the parent; it answers with session_gatt_answer. */
	void (*ask)(const struct gatt_external *what, void *arg);
	/* gatt_server.authorize */
	bool (*authorize)(uint32_t authorization, uint16_t handle,
			  bool writing, void *arg);
	void *arg;
};

/* NULL if there is no memory. */
struct session_gatt *session_gatt_new(
	const struct session_gatt_settings *settings);
void session_gatt_free(struct session_gatt *gatt);

/* A PDU of the peer.  Returns NULL, or the fault that ends the session. */
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
