/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every part of a session has in common: its settings and state, the
 * socket to its parent, and how it ends.
 */
#ifndef BLESEC_SESSION_CORE_H
#define BLESEC_SESSION_CORE_H

#include "base/loop.h"
#include "base/reason.h"
#include "process/message.h"
#include "process/worker.h"
#include "session/session.h"

enum session_state {
	STATE_LINK,		/* ATT only */
	STATE_HANDSHAKE,
	STATE_READY,		/* our READY is sent, the peer's awaited */
	STATE_SECURED,
	STATE_CLOSING,
	STATE_OVER,
};

struct session_core {
	const struct session_settings *set;
	bool central;
	enum session_state state;
	struct loop *loop;
	struct worker host;
	bool host_closing;	/* the parent has told us to say goodbye */
	bool data_sent;
	struct loop_timer deadline, goodbye;
	struct worker_closed closed;	/* reason REASON_COUNT: none yet */

	/* A message that the parent did not take yet. */
	uint8_t held_type;
	const uint8_t *held;
	size_t held_len;
	bool holding;
};

/* Tell the parent, which is trusted and will take it. */
void session_tell(struct session_core *s, uint8_t type, const void *body,
		  size_t len);
/* The same for a struct, then a value of at most ATT_VALUE_MAX octets. */
void session_tell_value(struct session_core *s, uint8_t type,
			const void *head, size_t head_len, const void *value,
			size_t len);
/*
 * Pass on a message of the peer.  If the parent is busy, nothing more is read
 * until it has taken this; the body must stay where it is until then.
 */
void session_hold(struct session_core *s, uint8_t type, const uint8_t *body,
		  size_t len);
/* Offer the parent again what is held. */
void session_deliver(struct session_core *s);

/* Record why the session ends; the first reason counts. */
void session_conclude(struct session_core *s, enum reason reason,
		      const char *words);
/* End the session now, without sending more to the peer. */
void session_abandon(struct session_core *s, enum reason reason,
		     const char *words);
/* End when what is queued (BYE, close_notify, an alert) has arrived. */
void session_finish(struct session_core *s, enum reason reason,
		    const char *words);
/* The session has ended. */
void session_over(struct session_core *s);
/*
 * A session is not done if the peer did not say that it took all that it was
 * sent: then it ends for this reason.
 */
void session_check_heard(struct session_core *s, enum reason reason);
/* Start the timeout for securing the session. */
void session_start_deadline(struct session_core *s);

#endif
