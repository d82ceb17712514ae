/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sessions carry: how the hub calls what is joined to its peers.  The
 * program chooses one and gives it to hub_new.
 */
#ifndef BLESEC_CARRY_H
#define BLESEC_CARRY_H

#include "att/gatt-explorer.h"
#include "hub/peer.h"

/* All may be NULL. */
struct carry {
	/* Octets it keeps about each peer, in peer->carried, zero at first. */
	size_t peer_size;
	void (*start)(struct hub *hub);
	void (*stop)(struct hub *hub);
	/*
	 * A data message of the peer: false if nobody takes it any more.
	 * NULL: it is an event on stdout, and so for full and flushed.
	 */
	bool (*message)(struct peer *peer, const uint8_t *body, size_t len);
	/* An external value is read or written; NULL: there are none. */
	void (*gatt)(struct peer *peer, const struct worker_gatt *what,
		     const uint8_t *value, size_t len);
	/* What was asked of the peer; NULL: nothing is. */
	void (*found)(struct peer *peer, const struct gatt_found *found);
	void (*result)(struct peer *peer, const struct worker_result *result,
		       const uint8_t *value, size_t len);
	void (*notified)(struct peer *peer,
			 const struct worker_notified *notified,
			 const uint8_t *value, size_t len);
	void (*explored)(struct peer *peer);
	/* An ATT PDU of the peer, for a gateway. */
	void (*att)(struct peer *peer, const uint8_t *pdu, size_t len);
	/* After every event: move what can be moved. */
	void (*feed)(struct hub *hub);
	/* Something to be sent to peers is on its way. */
	bool (*sending)(const struct hub *hub);
	/* Something that was to be sent could not be. */
	bool (*refused)(const struct hub *hub);
	/* Too much is on its way from the peer: read no more from it. */
	bool (*full)(const struct peer *peer);
	/* All that the peer has sent has been taken. */
	bool (*flushed)(const struct peer *peer);
	/* Nothing can follow in either direction; NULL: there is no end. */
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
/* The GATT of a peripheral that is elsewhere. */
extern const struct carry carry_gateway;
/* Nothing: a session for the sake of the handshake. */
extern const struct carry carry_nothing;

#endif
