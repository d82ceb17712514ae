/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The channel of a session: the tunnel's segments on the link, TLS in the
 * tunnel, and the messages in TLS (blesec-protocol(7)).
 */
#ifndef BLESEC_SESSION_CHANNEL_H
#define BLESEC_SESSION_CHANNEL_H

#include "att/gatt-client.h"
#include "channel/channel.h"
#include "channel/tunnel.h"
#include "session/session-link.h"

/* What it tells its owner. */
struct session_channel_ops {
	/* The peer's READY has come, and the parent knows. */
	void (*secured)(void *arg);
	/* An ATT PDU in the channel. */
	void (*att)(void *arg, const uint8_t *pdu, size_t len);
	/* Done with an event. */
	void (*done)(void *arg);
};

struct session_channel {
	struct session_core *s;
	struct session_link *link;
	const struct session_channel_ops *ops;
	void *arg;
	struct channel *channel;
	struct tunnel tunnel;
	struct gatt_tunnel_handles handles;	/* of its service, on ATT */
	uint8_t bearer;
	uint8_t capability[CAPABILITY_MAX];
	size_t capability_len;
	uint8_t central_window;
	bool open;			/* the tunnel is */
	/* OPEN, until it has gone out in segment 0. */
	uint8_t prefix[2];
	size_t prefix_len;
	bool end_sent, end_received, tls_closed, ack_now;
	uint64_t started;
	struct loop_timer heartbeat, silence;
};

/* A peripheral's capability value, for the link's service or the first SDU. */
void session_channel_prepare(struct session_channel *c);

/* The tunnel is open, for a peripheral: values of that many octets. */
void session_channel_accept(struct session_channel *c, uint16_t value_max);
/* A central opens it, knowing the peripheral's capability. */
void session_channel_open(struct session_channel *c,
			  const struct tunnel_capability *capability,
			  uint16_t value_max);

/* The value of a segment has come. */
void session_channel_segment(struct session_channel *c, const uint8_t *value,
			     size_t len);
/* From the tunnel through TLS to the parent, as far as that takes it. */
void session_channel_take(struct session_channel *c);
/* Send what the window and the link allow. */
void session_channel_flush(struct session_channel *c);

/* A message to the peer; if it cannot be sent, the session ends. */
void session_channel_send(struct session_channel *c, enum channel_type type,
			  const void *body, size_t len);
/* The parent's last message, END: once. */
void session_channel_end(struct session_channel *c);
/* BYE with the reason and how many data messages were taken. */
void session_channel_goodbye(struct session_channel *c, enum reason reason,
			     uint32_t taken);

/* All that is to be said before the end has been said, and heard. */
bool session_channel_idle(const struct session_channel *c);

/* The longest value of a segment that an ATT PDU carries at this MTU. */
uint16_t session_channel_value_max(uint16_t mtu);

#endif
