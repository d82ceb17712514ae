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

/* How a channel calls its owner. */
struct session_channel_ops {
	/* The peer's READY has arrived, and the parent knows. */
	void (*secured)(void *arg);
	/* An ATT PDU in the channel. */
	void (*att)(void *arg, const uint8_t *pdu, size_t len);
	/* An event has been handled. */
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
	bool open;			/* the tunnel is open */
	/* OPEN, until it has gone out in segment 0. */
	uint8_t prefix[2];
	size_t prefix_len;
	bool end_sent, end_received, tls_closed, ack_now;
	uint64_t started;
	struct loop_timer heartbeat, silence;
};

/* Make a peripheral's capability value, for the service or the first SDU. */
void session_channel_prepare(struct session_channel *c);

/* A central has opened the tunnel; its values have at most value_max octets. */
void session_channel_accept(struct session_channel *c, uint16_t value_max);
/* Open the tunnel as a central, with the peripheral's capability. */
void session_channel_open(struct session_channel *c,
			  const struct tunnel_capability *capability,
			  uint16_t value_max);

/* Handle the value of a segment. */
void session_channel_segment(struct session_channel *c, const uint8_t *value,
			     size_t len);
/* Pass on what has arrived, through TLS to the parent, as far as possible. */
void session_channel_take(struct session_channel *c);
/* Send as much as the window and the link allow. */
void session_channel_flush(struct session_channel *c);

/* Send the peer a message; if that fails, the session ends. */
void session_channel_send(struct session_channel *c, enum channel_type type,
			  const void *body, size_t len);
/* Send END, once: no more data will follow. */
void session_channel_end(struct session_channel *c);
/* Send BYE with the reason, and how many data messages were taken. */
void session_channel_goodbye(struct session_channel *c, enum reason reason,
			     uint32_t taken);

/* Nothing is left to send, or to wait for, before the link is closed. */
bool session_channel_idle(const struct session_channel *c);

/* The longest segment, in octets, that an ATT PDU carries at this MTU. */
uint16_t session_channel_value_max(uint16_t mtu);

#endif
