/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What sessions carry: the hub's peers, and the interface to what is joined to
 * them.  For hub.c, hub-*.c and carry-*.c.
 */
#ifndef BLESEC_CARRY_H
#define BLESEC_CARRY_H

#include "process/command.h"
#include "hub/hub.h"
#include "pairing/pair-exchange.h"
#include "process/message.h"
#include "process/worker.h"

struct input;

struct peer {
	struct peer *next;
	struct hub *hub;
	struct worker worker;
	unsigned int session;
	char address[LINK_NAME_MAX];
	struct link_address where;
	uint16_t adapter;
	bdaddr_t own;		/* the adapter's address */
	bool signs;		/* what it writes on the link */
	int link;		/* for the level of a link that is paired */
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
	bool answering;		/* its goodbye, when all it sent is taken */
	enum reason close_reason;
	uint32_t sent, taken;	/* data messages */
	struct command *command;	/* of carry-command.c */
	bool failed;		/* the command, or a GATT operation */
	bool explored, subscribed;	/* of carry-explore.c */
	bool lags;		/* of carry-gatt.c: nobody waits for it */
	/* Of carry-gateway.c: PDUs that the gateway holds, whether it knows of
	 * the peer, and what that knows of the peripheral: 0 or 1, or -1. */
	unsigned int held;
	bool joined;
	int told;
};

/* All may be NULL. */
struct carry {
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
	/* So much is on its way that nothing is to be read from the peer. */
	bool (*full)(const struct peer *peer);
	/* All that the peer has sent is taken. */
	bool (*flushed)(const struct peer *peer);
	/* Nothing can follow in either direction; NULL: there is no end. */
	bool (*over)(const struct peer *peer);
	/* What is missing from a session that was closed in order, or NULL. */
	const char *(*missing)(const struct peer *peer);
	/* The session has ended. */
	void (*closed)(struct peer *peer);
};

extern const struct carry carry_lines, carry_command, carry_explore,
			  carry_gatt, carry_gateway, carry_nothing;

struct hub {
	struct loop *loop;
	const struct hub_settings *set;
	const struct carry *carry;
	struct output *output;
	struct peer *peers;
	unsigned int sessions;
	/* Of hub_revoke, and the last session that began without them. */
	const STACK_OF(X509_CRL) *crls;
	unsigned int before_crls;
	long received;
	bool stopping;
	enum reason stop_reason;
	enum status status;
	struct loop_timer goodbye, quiet;

	struct pair_exchange *exchange;		/* NULL: do not pair */
	struct pair_exchange_settings exchange_set;

	/* Of carry-lines.c: stdin, one message at a time to all peers. */
	struct input *input;
	const uint8_t *message;
	size_t message_len;
	bool sending;
	struct loop_timer lag;	/* also of carry-gatt.c */

	void *carried;		/* of carry-gatt.c or carry-gateway.c */
	/* Of carry-command.c: those that are to end. */
	struct command *ending;
};

/* Data is for who is secured; while it is being paired, it waits. */
bool peer_ready(const struct peer *peer);

/* It may read, write and be notified of the profile's values, in the channel
 * or on the link. */
bool peer_has_gatt(const struct peer *peer);

/* Offer it a data message: false, with owed set, if it is to be tried again. */
bool peer_send(struct peer *peer, const uint8_t *body, size_t len);

/*
 * Send its worker a message of this type now or, in order, when it takes it:
 * for what is short and seldom.  False if too much waits already; true also if
 * it is being closed, when nothing is sent any more.
 */
bool peer_post(struct peer *peer, uint8_t type, const void *body, size_t len);

/* Tell it that no more will be sent; what it cannot take now is to be tried
 * again as long as end_told is false. */
void peer_end(struct peer *peer);

/* Say goodbye to it. */
void peer_close(struct peer *peer, enum reason reason);

/* It is gone, or is to be given up. */
void peer_closed(struct peer *peer, enum reason reason, const char *words,
		 bool heard);

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

/* After an event of a carry's own. */
void hub_feed(struct hub *hub);

/* A message has come, for --count and --wait. */
void hub_received(struct hub *hub);

#endif
