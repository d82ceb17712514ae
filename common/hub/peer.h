/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One peer of a hub: what is known about it, and what is said to its process. */
#ifndef BLESEC_PEER_H
#define BLESEC_PEER_H

#include "hub/hub.h"
#include "process/command.h"
#include "process/message.h"
#include "process/worker.h"

#define PEER_GOODBYE_MS 3000	/* for one that is being evicted to close */

struct peer;

/* How it calls its hub. */
struct peer_ops {
	/* An event about it; takes more over. */
	void (*event)(struct peer *peer, const char *event, json_t *more);
	/* Something has changed: move what can be moved. */
	void (*feed)(struct peer *peer);
	/* It was told to close, and did not in time. */
	void (*not_closed)(struct peer *peer);
};

struct peer {
	struct peer *next;
	struct hub *hub;
	const struct hub_settings *set;
	const struct peer_ops *ops;
	struct loop *loop;
	struct worker worker;
	unsigned int session;
	char address[LINK_NAME_MAX];
	struct link_address where;
	uint16_t adapter;
	bdaddr_t own;		/* the adapter's address */
	bool signs;		/* it may send Signed Write Commands */
	int link;		/* to read the link's level; -1: none */
	bool pairing, pair_failed, paired;
	struct loop_timer pair_deadline, close_deadline;
	char name[CERT_NAME_MAX + 1];
	char pin[CERT_PIN_SIZE];
	/* As in struct policy. */
	struct trust_id chain[TRUST_CHAIN_MAX];
	size_t chain_count;
	char revoked[TRUST_FAULT_MAX];	/* which, when and why; or empty */
	bool secured;
	bool ended;		/* the peer will send no more */
	bool end_told;		/* nor we */
	bool closing;
	bool owed;		/* has not taken the current message */
	bool end_owed;		/* nor that no more follows */
	bool close_owed;	/* nor the goodbye */
	bool answering;		/* its goodbye, once all it sent is taken */
	enum reason close_reason;
	uint32_t sent, taken;	/* data messages */
	bool failed;		/* the command, or a GATT operation */
	void *carried;		/* what the carry keeps about it */
};

/* Free it, and close its hold on the link. */
void peer_free(struct peer *peer);

/* It may be sent data: it is secured, and not being paired. */
bool peer_ready(const struct peer *peer);

/*
 * It may read, write and be notified of the profile's values, in the channel or
 * on the link.
 */
bool peer_has_gatt(const struct peer *peer);

/* Send a data message.  False, with owed set, if that is to be tried again. */
bool peer_send(struct peer *peer, const uint8_t *body, size_t len);

/*
 * Send its process a message now or, in order, as soon as it is taken; for
 * short and rare messages.  Returns false if too many wait already; true also if the
 * peer is being closed, when nothing is sent any more.
 */
bool peer_post(struct peer *peer, uint8_t type, const void *body, size_t len);

/*
 * Tell it that no more will be sent.  As long as end_told is false, that is to
 * be tried again.
 */
void peer_end(struct peer *peer);

/* Say goodbye to it. */
void peer_close(struct peer *peer, enum reason reason);
/* Give it PEER_GOODBYE_MS to close. */
void peer_hurry(struct peer *peer);
/* Have its process say goodbye, or set close_owed if that takes nothing now. */
void peer_tell_close(struct peer *peer);

/* An event about it; takes more over. */
void peer_event(struct peer *peer, const char *event, json_t *more);

/* The same for a program's environment; the values are the peer's. */
struct peer_variables {
	char session[16];
	struct command_variable list[5];
};

const struct command_variable *peer_variables(struct peer *peer,
					      struct peer_variables *variables);

/* "peer", "address" and "session" of events. */
json_t *peer_about(const struct peer *peer);

#endif
