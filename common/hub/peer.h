/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer of the hub: its state, and the messages to its process. */
#ifndef BLESEC_PEER_H
#define BLESEC_PEER_H

#include "hub/hub.h"
#include "process/command.h"
#include "process/message.h"
#include "process/worker.h"

#define PEER_GOODBYE_MS 3000	/* time to close when evicted */

struct peer;

/* How a peer calls its hub. */
struct peer_ops {
	/* Report an event about the peer; takes over more. */
	void (*event)(struct peer *peer, const char *event, json_t *more);
	/* Something has changed: move what can be moved. */
	void (*feed)(struct peer *peer);
	/* The peer was told to close, but did not in time. */
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
	bool signs;		/* may send Signed Write Commands */
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
	bool end_told;		/* it was told that we will send no more */
	bool closing;
	bool owed;		/* has not taken the current message */
	bool end_owed;		/* was not told yet that no more follows */
	bool close_owed;	/* was not told goodbye yet */
	bool answering;		/* say goodbye once all it sent is taken */
	enum reason close_reason;
	uint32_t sent, taken;	/* data messages */
	bool failed;		/* its command or a GATT operation failed */
	void *carried;		/* state of the carry for this peer */
};

/* Free the peer, and close its descriptor of the link. */
void peer_free(struct peer *peer);

/* True if data may be sent: the peer is secured and not being paired. */
bool peer_ready(const struct peer *peer);

/*
 * True if the peer may read, write and be notified of the profile's values, in
 * the channel or on the link.
 */
bool peer_has_gatt(const struct peer *peer);

/* Send a data message.  If this returns false, owed is set: try again later. */
bool peer_send(struct peer *peer, const uint8_t *body, size_t len);

/*
 * Send the peer's process a message, now or in order as soon as it is taken;
 * for short and rare messages.  Returns false if too many are waiting.  While
 * the peer is being closed nothing is sent, and this returns true.
 */
bool peer_post(struct peer *peer, uint8_t type, const void *body, size_t len);

/*
 * Tell the peer that no more will be sent.  While end_told is false, try again.
 */
void peer_end(struct peer *peer);

/* Say goodbye to the peer. */
void peer_close(struct peer *peer, enum reason reason);
/* Give the peer PEER_GOODBYE_MS to close. */
void peer_hurry(struct peer *peer);
/* Have its process say goodbye; set close_owed if it takes nothing now. */
void peer_tell_close(struct peer *peer);

/* Report an event about the peer; takes over more. */
void peer_event(struct peer *peer, const char *event, json_t *more);

/* The same for a program's environment; borrows the peer's values. */
struct peer_variables {
	char session[16];
	struct command_variable list[5];
};

const struct command_variable *peer_variables(struct peer *peer,
					      struct peer_variables *variables);

/* The members "peer", "address" and "session" of events. */
json_t *peer_about(const struct peer *peer);

#endif
