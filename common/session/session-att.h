/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ATT of a session: the link's server, with the tunnel's service and maybe the
 * profile; and in the channel a server, or operations on the peer.
 */
#ifndef BLESEC_SESSION_ATT_H
#define BLESEC_SESSION_ATT_H

#include "att/gatt-explorer.h"
#include "session/session-channel.h"
#include "session/session-gatt.h"

/* Takes a central's write to the tunnel's service: gatt_server.write. */
typedef uint8_t (*session_att_write)(uint16_t handle, const uint8_t *value,
				     size_t len, void *arg);

struct session_att {
	struct session_core *s;
	struct session_link *link;
	struct session_channel *channel;
	session_att_write write;
	void *arg;
	struct gatt_db db;		/* of the link */
	struct session_gatt *plain;	/* the server of the link */
	struct session_gatt *secure;	/* NULL: no ATT in the channel yet */
	/* The one whose question the parent has, and the one that is next. */
	struct session_gatt *asking, *waiting;
	struct worker_gatt question;
	uint8_t question_value[ATT_VALUE_MAX];
	size_t question_len;
	struct loop_timer plain_confirm, confirm;	/* of indications */
	struct loop_timer answer;
	struct bond_signing signing;
	struct gatt_explorer explorer;
	uint8_t notified[sizeof(struct worker_notified) + ATT_VALUE_MAX];
};

/*
 * Make the link's server and its database, with the channel's capability and
 * handles.  False: no memory.
 */
bool session_att_prepare(struct session_att *a);
void session_att_free(struct session_att *a);

/* The profile is on the link: a central may stay without a session. */
bool session_att_on_link(const struct session_core *s);

/* The MTU of the link. */
uint16_t session_att_mtu(struct session_att *a);
void session_att_set_mtu(struct session_att *a, uint16_t mtu);
/* The central has enabled notifications of the tunnel's service. */
bool session_att_notifies(struct session_att *a);

/* Handle a PDU of the link that is for a server. */
void session_att_plain(struct session_att *a, const uint8_t *pdu, size_t len);
/* Handle a PDU of the channel. */
void session_att_secure(struct session_att *a, const uint8_t *pdu, size_t len);
/* Start the operations on the peer. */
void session_att_explore(struct session_att *a);

/* The parent has answered (session_gatt_answer); a value has changed. */
void session_att_answer(struct session_att *a, uint8_t error,
			const uint8_t *value, size_t len);
void session_att_changed(struct session_att *a, uint16_t handle,
			 const uint8_t *value, size_t len);

/* After every event: set the deadlines for confirmations of indications. */
void session_att_await(struct session_att *a);

#endif
