/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hub between stdin, stdout and the peers' processes, which blesec-serve
 * and blesec-connect share.
 *
 * Lines: each line of stdin is a message to every secured peer; each message of
 * a peer is an event on stdout.  Raw: stdin and stdout are one peer's stream,
 * and the events go to stderr with -v.  Command: each peer has a command of its
 * own, instead of stdin and stdout.
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
	bool heard;		/* the peer sent at least one PDU */
	bool secured;
	bool pairing;		/* during pairing, or because of it */
	bool sent;		/* we sent it data */
	bool failed;		/* its command or a GATT operation failed */
	const char *words;	/* more about the reason; may be empty */
};

/* A peripheral whose GATT is offered to all centrals in their channels. */
struct hub_gateway {
	struct link_address address;
	const char *adapter;	/* "hciN" that connects to it */
	const struct gatt_uuid *expose;
	size_t expose_count;	/* 0: all */
	bool read_only;
};

struct hub_settings {
	struct signer *signer;
	/* For each peer; the hub sets its descriptors and sdu_max. */
	struct session_settings session;
	bool raw;
	char *const *command;	/* for each peer, instead of stdin and stdout;
				 * NULL: none */
	bool lines;		/* the command's messages are lines */
	const struct hub_gateway *gateway;	/* NULL: none */
	unsigned int max_strangers;	/* peers that are not secured, where
				 * they need not be; 0: any */
	long count;		/* end after this many messages; 0: no limit */
	long wait_s;		/* end after so long without one, either way;
				 * 0: do not */

	bool pair;		/* pair over the channel */
	bool pair_required;	/* no session without pairing */
	bool bond;
	bool then_plain;	/* close each session once it is paired */

	/*
	 * on_report: a peer's process sends the report of the policy; if set,
	 * nothing is carried and stdin is not read.  on_secured: a peer is
	 * secured.  Both may call hub_stop.
	 */
	void (*on_report)(const char *text, size_t len, void *arg);
	void (*on_secured)(void *arg);
	/* The peer has told its PSM and is gone.  May call hub_stop. */
	void (*on_psm)(uint16_t psm, void *arg);
	/* A peer is gone.  May call hub_add and hub_stop. */
	void (*on_closed)(const struct hub_closed *closed, void *arg);
	/* SIGHUP.  NULL: SIGHUP stops the hub, unless it is ignored. */
	void (*on_hangup)(void *arg);
	/* The hub is stopping: add no more peers. */
	void (*on_stopping)(void *arg);
	void *arg;
};

struct carry;

/*
 * settings must outlive the hub, and may be changed for later peers.  carry is
 * the part joined to the peers (carry.h).  Takes over SIGINT, SIGTERM and
 * SIGHUP.  Never returns NULL.
 */
struct hub *hub_new(struct loop *loop, const struct hub_settings *settings,
		    const struct carry *carry);
/* Returns false if not everything could be written to stdout. */
bool hub_free(struct hub *hub);

/*
 * Run a session with the peer at this address; takes over link.  For a
 * Bluetooth link, adapter is the N of hciN.  Returns STATUS_OK, or the status
 * of the failure after saying why.
 */
enum status hub_add(struct hub *hub, int link,
		    const struct link_address *address, uint16_t adapter);

/* Drop the peer's sessions on ATT that only looked for a PSM. */
void hub_replace(struct hub *hub, const struct link_address *peer);

/*
 * Drop every peer with a certificate in its chain that one of these CRLs
 * revokes.  A peer that is not secured yet is judged when it is.  The CRLs are
 * kept until the next call or hub_free; NULL: none.
 */
void hub_revoke(struct hub *hub, const STACK_OF(X509_CRL) *crls);

/* Do not pair with peers from now on. */
void hub_stop_pairing(struct hub *hub);

/* Restart the time of --wait. */
void hub_expect_message(struct hub *hub);

/* The number of peers, secured or not. */
unsigned int hub_peers(const struct hub *hub);

/* True if another peer may be added when max_peers are allowed. */
bool hub_has_room(const struct hub *hub, unsigned int max_peers);

/* Print an event on stdout (on stderr with -v if raw); takes over more. */
void hub_event(struct hub *hub, const char *event, json_t *more);

/*
 * Say goodbye to all peers, then end the loop with this status.  The first
 * status counts; STATUS_OK becomes STATUS_TIMEOUT if --count is not met.
 */
void hub_stop(struct hub *hub, enum reason reason, enum status status);

#endif
