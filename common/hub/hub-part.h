/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hub as its own files (hub.c, hub-peers.c) and what it carries (carry-*.c)
 * see it.
 */
#ifndef BLESEC_HUB_PART_H
#define BLESEC_HUB_PART_H

#include "hub/carry.h"
#include "hub/hub-pairing.h"

struct hub {
	struct loop *loop;
	const struct hub_settings *set;
	const struct carry *carry;
	void *carried;		/* the state of the carry */
	struct output *output;
	struct peer *peers;	/* newest first */
	unsigned int sessions;
	/* The CRLs of hub_revoke, and the last session that began before. */
	const STACK_OF(X509_CRL) *crls;
	unsigned int before_crls;
	long received;
	bool stopping;
	enum reason stop_reason;
	enum status status;
	struct loop_timer goodbye, quiet;
	struct hub_pairing pairing;
};

/* After an event: move what can be moved, and set what to wait for. */
void hub_feed(struct hub *hub);

/* A message has arrived, for --count and --wait. */
void hub_received(struct hub *hub);

/* The peer is gone, or is given up: report that and free it. */
void hub_peer_closed(struct peer *peer, enum reason reason, const char *words,
		     bool heard);
/* End the peer's process and free the peer, without an event. */
void hub_peer_remove(struct peer *peer);

/* If a CRL revokes the peer, say goodbye, stop reading, and return true. */
bool hub_check_revoked(struct peer *peer);

/* End the loop if the hub is stopping and no peer is left. */
void hub_check_stopped(struct hub *hub);

#endif
