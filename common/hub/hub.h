/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Between stdin, stdout and the peers' processes: what blesec-serve and
 * blesec-connect have in common.
 *
 * Lines: each line of stdin is a message to every secured peer; each message
 * of a peer is an event on stdout.  Raw: stdin and stdout are one peer's
 * stream, and the events go to stderr with -v.  A command: each peer has one of
 * its own, instead of stdin and stdout.
 */
#ifndef BLESEC_HUB_H
#define BLESEC_HUB_H

#include <stdbool.h>
#include <stdint.h>

#include "bluetooth/link.h"
#include "base/loop.h"
#include "base/output.h"
#include "session/session.h"
#include "key/signer.h"

struct hub;

struct hub_closed {
	enum reason reason;
	bool heard;		/* it sent at least one PDU */
	bool secured;
	bool pairing;		/* while, or because, it was paired */
	bool sent;		/* it was sent data */
	bool failed;		/* its command, or a GATT operation on it */
	const char *words;	/* more about the reason; may be empty */
};

/* A peripheral whose GATT is offered to all centrals in their channels. */
struct hub_gateway {
	struct link_address address;
	const char *adapter;	/* "hciN", to reach it by */
	const struct gatt_uuid *expose;
	size_t expose_count;	/* 0: all */
	bool read_only;
};

struct hub_settings {
	struct signer *signer;
	/* Of each peer; its descriptors and sdu_max are the hub's. */
	struct session_settings session;
	bool raw;
	char *const *command;	/* for each peer, instead of stdin and stdout;
				 * NULL: none */
	bool lines;		/* of the command are messages */
	const struct hub_gateway *gateway;	/* NULL: none */
	unsigned int max_strangers;	/* peers that are not secured, where
				 * they need not be; 0: any */
	long count;		/* end after so many messages; 0: do not */
	long wait_s;		/* end after so long without one, either way;
				 * 0: do not */

	bool pair;		/* pair over the channel */
	bool pair_required;	/* no session without */
	bool bond;
	bool then_plain;	/* close a session once it is paired */

	/*
	 * The report of the policy on a peer, from its process, and that it is
	 * secured; with the first, nothing is carried and stdin is not read.
	 * May call hub_stop.
	 */
	void (*on_report)(const char *text, size_t len, void *arg);
	void (*on_secured)(void *arg);
	/* It has told its PSM, and has gone.  May call hub_stop. */
	void (*on_psm)(uint16_t psm, void *arg);
	/* A peer has gone.  May call hub_add and hub_stop. */
	void (*on_closed)(const struct hub_closed *closed, void *arg);
	/* On SIGHUP.  NULL: that stops the hub, unless it is ignored. */
	void (*on_hangup)(void *arg);
	/* The hub is stopping: no new peers are to be added. */
	void (*on_stopping)(void *arg);
	void *arg;
};

struct carry;

/*
 * settings are kept, and may be changed for the peers to come; carry is what is
 * joined to the peers (carry.h).  Takes over SIGINT, SIGTERM and SIGHUP.  Never
 * NULL.
 */
struct hub *hub_new(struct loop *loop, const struct hub_settings *settings,
		    const struct carry *carry);
/* Returns false if not all could be written to stdout. */
bool hub_free(struct hub *hub);

/*
 * Run a session with the peer at this address on a link, which is taken over.
 * adapter is the N of hciN, for a Bluetooth link.  Returns STATUS_OK, or the
 * status of the failure, having said why.
 */
enum status hub_add(struct hub *hub, int link,
		    const struct link_address *address, uint16_t adapter);

/* Drop the sessions on ATT by which this device only looked for a PSM. */
void hub_replace(struct hub *hub, const struct link_address *peer);

/*
 * Drop every peer of whose chain one of these CRLs revokes a certificate.  A
 * peer that is not secured yet is judged when it is.  The CRLs are kept until
 * the next call, or hub_free; NULL: none.
 */
void hub_revoke(struct hub *hub, const STACK_OF(X509_CRL) *crls);

/* Do not pair with peers from now on. */
void hub_stop_pairing(struct hub *hub);

/* Start the time of --wait anew. */
void hub_expect_message(struct hub *hub);

/* The number of peers, secured or not. */
unsigned int hub_peers(const struct hub *hub);

/* Whether another peer may be added if there may be so many at most. */
bool hub_has_room(const struct hub *hub, unsigned int max_peers);

/* An event on stdout (on stderr with -v if raw); takes more over. */
void hub_event(struct hub *hub, const char *event, json_t *more);

/*
 * Say goodbye to all peers, then end the loop with this status.  The first
 * status counts; a status of 0 becomes STATUS_TIMEOUT if --count is not met.
 */
void hub_stop(struct hub *hub, enum reason reason, enum status status);

#endif
