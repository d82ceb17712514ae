/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The link of a session: PDUs of ATT or SDUs, in and out. */
#ifndef BLESEC_SESSION_LINK_H
#define BLESEC_SESSION_LINK_H

#include "bluetooth/link.h"
#include "session/session-core.h"

#define SESSION_QUEUE 4

/* How it calls its owner. */
struct session_link_ops {
	/* A PDU or SDU has come. */
	void (*receive)(void *arg, const uint8_t *pdu, size_t len);
	/* It is about to end: pass on first what has come. */
	void (*take)(void *arg);
	void (*gone)(void *arg);
	/* After each event. */
	void (*done)(void *arg);
};

struct session_link {
	struct session_core *s;
	int fd;
	const struct session_link_ops *ops;
	void *arg;
	/* PDUs that it did not take yet. */
	uint8_t queue[SESSION_QUEUE][LINK_SDU_MAX];
	size_t queue_lens[SESSION_QUEUE];
	size_t queued;
	bool heard;		/* the peer has sent at least one PDU */
	bool securing;		/* a Security Request was sent */
	bool reset;
};

/* Watch it. */
void session_link_start(struct session_link *link);

/*
 * Send a PDU or SDU, now or when the link takes it; the session ends if too
 * many wait.
 */
void session_link_put(struct session_link *link, const uint8_t *pdu,
		      size_t len);

/* Send what waits.  True if nothing is left. */
bool session_link_flush(struct session_link *link);

/* Ask the central for a secure link, once: as link_request_security. */
void session_link_secure(struct session_link *link, uint8_t level);

/* Close it so that what was sent arrives. */
void session_link_close(struct session_link *link);

#endif
