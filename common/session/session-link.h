/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The link of a session: PDUs of ATT or SDUs, in and out. */
#ifndef BLESEC_SESSION_LINK_H
#define BLESEC_SESSION_LINK_H

#include "bluetooth/link.h"
#include "session/session-core.h"

#define SESSION_QUEUE 4

/* How a link calls its owner. */
struct session_link_ops {
	/* A PDU or SDU has arrived. */
	void (*receive)(void *arg, const uint8_t *pdu, size_t len);
	/* The link is about to end: first pass on what has arrived. */
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
	/* PDUs that the link has not taken yet. */
	uint8_t queue[SESSION_QUEUE][LINK_SDU_MAX];
	size_t queue_lens[SESSION_QUEUE];
	size_t queued;
	bool heard;		/* the peer has sent at least one PDU */
	bool securing;		/* a Security Request was sent */
	bool reset;
};

/* Watch the link. */
void session_link_start(struct session_link *link);

/*
 * Send a PDU or SDU, now or when the link takes it.  The session ends if too
 * many are waiting.
 */
void session_link_put(struct session_link *link, const uint8_t *pdu,
		      size_t len);

/* Send waiting PDUs.  Returns true if none is left. */
bool session_link_flush(struct session_link *link);

/* Ask the central to secure the link, once; see link_request_security. */
void session_link_secure(struct session_link *link, uint8_t level);

/* Close the link so that everything sent still arrives. */
void session_link_close(struct session_link *link);

#endif
