/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ATT of a session: the link's server, which has the tunnel's service and may
 * have the profile; and in the channel a server, or operations on the peer.
 */
#ifndef BLESEC_SESSION_ATT_H
#define BLESEC_SESSION_ATT_H

#include "att/gatt-explorer.h"
#include "session/session-channel.h"
#include "session/session-gatt.h"

/* How a central's write to the tunnel's service is taken: gatt_server.write. */
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
	/* Who waits for the parent's answer, and who for that one's end. */
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

/* The profile is on the link, and so there may be no session for long. */
bool session_att_on_link(const struct session_core *s);

/* The MTU of the link. */
uint16_t session_att_mtu(struct session_att *a);
void session_att_set_mtu(struct session_att *a, uint16_t mtu);
/* The central wants to be notified by the tunnel's service. */
bool session_att_notifies(struct session_att *a);

/* A PDU of the link that a server takes. */
void session_att_plain(struct session_att *a, const uint8_t *pdu, size_t len);
/* A PDU of the channel. */
void session_att_secure(struct session_att *a, const uint8_t *pdu, size_t len);
/* Begin with the operations on the peer. */
void session_att_explore(struct session_att *a);

/* From the parent: its answer, as session_gatt_answer; a value has changed. */
void session_att_answer(struct session_att *a, uint8_t error,
			const uint8_t *value, size_t len);
void session_att_changed(struct session_att *a, uint16_t handle,
			 const uint8_t *value, size_t len);

/* After every event: a deadline for the confirmation of what is indicated. */
void session_att_await(struct session_att *a);

#endif
