/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One session's state, and what the parts of it call of one another: session.c
 * (its life, and the parent), session-link.c (PDUs and the tunnel),
 * session-message.c (TLS and the messages in it), session-plain.c (the
 * link's ATT server), session-att.c (ATT in the channel).  For these.
 */
#ifndef BLESEC_SESSION_PART_H
#define BLESEC_SESSION_PART_H

#include "att/gatt-client.h"
#include "att/gatt-server.h"
#include "bluetooth/link.h"
#include "base/loop.h"
#include "session/session.h"
#include "session/session-gatt.h"
#include "channel/tunnel.h"
#include "process/message.h"
#include "process/worker.h"

#define SESSION_QUEUE 4


enum state {
	STATE_LINK,		/* ATT only */
	STATE_HANDSHAKE,
	STATE_READY,		/* our READY is sent, the peer's awaited */
	STATE_SECURED,
	STATE_CLOSING,
	STATE_OVER,
};

struct session {
	const struct session_settings *set;
	struct worker host;
	bool central;
	uint8_t bearer;
	enum state state;
	struct loop *loop;
	struct channel *channel;
	struct tunnel tunnel;
	struct gatt_db db;
	struct session_gatt *plain;	/* the server of the link */
	struct gatt_client client;
	struct gatt_tunnel_handles handles;
	uint8_t capability[CAPABILITY_MAX];
	size_t capability_len;
	bool open;			/* the tunnel is */
	uint8_t central_window;

	/* PDUs that the link did not take yet. */
	uint8_t queue[SESSION_QUEUE][LINK_SDU_MAX];
	size_t queue_lens[SESSION_QUEUE];
	size_t queued;

	/* OPEN, until it has gone out in segment 0. */
	uint8_t prefix[2];
	size_t prefix_len;

	/* A message that the parent did not take yet. */
	uint8_t held_type;
	const uint8_t *held;
	size_t held_len;
	bool holding;

	struct session_gatt *gatt;	/* NULL: no ATT in the channel yet */
	/* Who waits for the parent's answer, and who for that one's end. */
	struct session_gatt *asking, *waiting;
	struct worker_gatt question;
	uint8_t question_value[ATT_VALUE_MAX];
	size_t question_len;
	struct loop_timer confirm, plain_confirm;	/* of indications */
	bool securing;			/* a Security Request was sent */
	struct bond_signing signing;
	struct gatt_explorer explorer;
	uint8_t notified[sizeof(struct worker_notified) + ATT_VALUE_MAX];

	bool heard, told_connected, data_sent, end_sent, end_received;
	bool host_closing, tls_closed, ack_now, reset;
	uint64_t started;
	struct loop_timer deadline, heartbeat, silence, goodbye, answer;
	struct worker_closed closed;
};

/* session.c */

/* To the parent, which is trusted and will take it. */
void session_tell(struct session *s, uint8_t type, const void *body,
		  size_t len);
/* What begins with a struct, and ends with a value of ATT_VALUE_MAX octets at
 * most. */
void session_tell_value(struct session *s, uint8_t type,
			const void *head, size_t head_len, const void *value,
			size_t len);
/* A message of the peer's: if the parent is busy, nothing more is read till it
 * has taken this.  The body is kept. */
void session_hold(struct session *s, uint8_t type,
		  const uint8_t *body, size_t len);
/* Why it ends: the first reason counts. */
void session_conclude(struct session *s, enum reason reason,
		      const char *words);
/* End now: nothing more can or may be said. */
void session_abandon(struct session *s, enum reason reason, const char *words);
/* End when what is queued (BYE, close_notify, an alert) has arrived. */
void session_finish(struct session *s, enum reason reason, const char *words);
void session_channel_failed(struct session *s);
/* A message to the peer; if it cannot be sent, the session ends. */
void session_send(struct session *s, enum channel_type type, const void *body,
		  size_t len);
/* Done is only who has heard that the peer took all that it was sent. */
void session_check_heard(struct session *s, enum reason reason);
void session_silent(void *arg);
/* From now until secured. */
void session_start_deadline(struct session *s);
/* Done with every event: move what can be moved, set what to wait for. */
void session_pump(struct session *s);

/* session-link.c */

void session_greet(struct session *s);
void session_on_link(short ready, void *arg);
/* A PDU or SDU, now or when the link takes it. */
void session_put(struct session *s, const uint8_t *pdu, size_t len);
/* What it did not take; true if nothing is left. */
bool session_flush(struct session *s);
/* Out goes what the window and the link allow. */
void session_send_tunnel(struct session *s);

/* A central writes to the tunnel's service: gatt_server.write. */
uint8_t session_on_write(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg);

/* session-plain.c */

/* The link's server and its database.  False: no memory. */
bool session_plain_prepare(struct session *s);
/* The profile is on the link, and so there may be no session for long. */
bool session_plain_profile(const struct session *s);
/* A PDU that a server takes. */
void session_plain_receive(struct session *s, const uint8_t *pdu, size_t len);
void session_plain_changed(struct session *s, uint16_t handle,
			   const uint8_t *value, size_t len);

/* session-message.c */

void session_tell_connected(struct session *s, uint16_t mtu);
void session_handshake(struct session *s);
/* From the tunnel through TLS to the parent, as far as it takes it. */
void session_process(struct session *s);

/* session-att.c */

/* Begin with the operations on the peer. */
void session_start_exploring(struct session *s);
/* A PDU of the peer's. */
void session_take_att(struct session *s, const uint8_t *pdu, size_t len);
/* Have the parent asked by one of the servers, one question at a time. */
void session_ask(struct session *s, struct session_gatt *from,
		 const struct gatt_external *what);
void session_answered(struct session *s, uint8_t error, const uint8_t *value,
		      size_t len);
void session_att_changed(struct session *s, uint16_t handle,
			 const uint8_t *value, size_t len);
/* After every event: a deadline for the confirmation of what is indicated. */
void session_await_confirmation(struct session *s);

#endif
