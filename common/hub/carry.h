/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sessions carry: how the hub calls the part that its peers are joined to.
 * The program chooses one and passes it to hub_new.
 */
#ifndef BLESEC_CARRY_H
#define BLESEC_CARRY_H

#include "att/gatt-explorer.h"
#include "hub/peer.h"

/* Any of these may be NULL. */
struct carry {
	/* The size of peer->carried, which starts as zeros. */
	size_t peer_size;
	void (*start)(struct hub *hub);
	void (*stop)(struct hub *hub);
	/*
	 * A data message of the peer; returns false if it is not taken any
	 * more.  NULL: it becomes an event on stdout; likewise NULL for full
	 * and flushed.
	 */
	bool (*message)(struct peer *peer, const uint8_t *body, size_t len);
	/* An external value is read or written; NULL: there are none. */
	void (*gatt)(struct peer *peer, const struct worker_gatt *what,
		     const uint8_t *value, size_t len);
	/* The operations to run on the peer; NULL: none. */
	void (*found)(struct peer *peer, const struct gatt_found *found);
	void (*result)(struct peer *peer, const struct worker_result *result,
		       const uint8_t *value, size_t len);
	void (*notified)(struct peer *peer,
			 const struct worker_notified *notified,
			 const uint8_t *value, size_t len);
	void (*explored)(struct peer *peer);
	/* An ATT PDU of the peer, for a gateway. */
	void (*att)(struct peer *peer, const uint8_t *pdu, size_t len);
	/* Called after every event: move what can be moved. */
	void (*feed)(struct hub *hub);
	/* Something to be sent to peers is waiting. */
	bool (*sending)(const struct hub *hub);
	/* Something could not be sent. */
	bool (*refused)(const struct hub *hub);
	/* Too much is waiting: read no more from the peer. */
	bool (*full)(const struct peer *peer);
	/* Everything that the peer sent has been taken. */
	bool (*flushed)(const struct peer *peer);
	/* Nothing can follow in either direction; NULL: never. */
	bool (*over)(const struct peer *peer);
	/* What is missing from a session that was closed in order, or NULL. */
	const char *(*missing)(const struct peer *peer);
	/* The session has ended. */
	void (*closed)(struct peer *peer);
};

/* stdin and stdout: lines and events, or one plain stream. */
extern const struct carry carry_lines;
/* A command for each peer. */
extern const struct carry carry_command;
/* GATT operations on the peer. */
extern const struct carry carry_explore;
/* A GATT profile. */
extern const struct carry carry_gatt;
/* The GATT of a peripheral on another link. */
extern const struct carry carry_gateway;
/* Nothing: only the handshake matters. */
extern const struct carry carry_nothing;

#endif
