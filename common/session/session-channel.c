/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session-channel.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "key/signer-provider.h"
#include "pairing/pair-exchange.h"

#define READY_HEAD 4
#define ATT_HEADER 3		/* opcode and handle */

/* The tunnel. */

static void channel_heartbeat(void *arg);

static void send_segment(struct session_channel *c, const uint8_t *payload,
			 size_t len)
{
	uint8_t pdu[ATT_HEADER + TUNNEL_VALUE_MAX];
	size_t n = tunnel_send(&c->tunnel, payload, len, pdu + ATT_HEADER);

	pdu[0] = c->s->central ? ATT_WRITE_CMD : ATT_HANDLE_VALUE_NTF;
	put_le16(pdu + 1, c->s->central ? c->handles.inbound
					: c->handles.outbound);
	if (c->s->set->sdu_max)
		session_link_put(c->link, pdu + ATT_HEADER, n);
	else
		session_link_put(c->link, pdu, ATT_HEADER + n);
	c->ack_now = false;
	loop_after(c->s->loop, &c->heartbeat, SESSION_HEARTBEAT_MS,
		   channel_heartbeat, c);
}

static void channel_heartbeat(void *arg)
{
	struct session_channel *c = arg;

	if (!c->link->queued)
		send_segment(c, NULL, 0);
	else
		loop_after(c->s->loop, &c->heartbeat, SESSION_HEARTBEAT_MS,
			   channel_heartbeat, c);
	c->ops->done(c->arg);
}

void session_channel_flush(struct session_channel *c)
{
	while (c->open && c->s->state != STATE_OVER && !c->link->queued) {
		uint8_t payload[TUNNEL_VALUE_MAX];
		size_t room = tunnel_room(&c->tunnel), n = 0;

		if (room && c->prefix_len) {
			memcpy(payload, c->prefix, c->prefix_len);
			n = c->prefix_len;
			c->prefix_len = 0;
		}
		if (room)
			n += channel_output(c->channel, payload + n, room - n);
		if (!n && !c->ack_now && !tunnel_ack_due(&c->tunnel))
			return;
		send_segment(c, payload, n);
	}
}

uint16_t session_channel_value_max(uint16_t mtu)
{
	return mtu - ATT_HEADER < TUNNEL_ATT_VALUE_MAX ?
		(uint16_t)(mtu - ATT_HEADER) : TUNNEL_ATT_VALUE_MAX;
}

static void channel_silent(void *arg)
{
	const struct session_channel *c = arg;

	session_check_heard(c->s, REASON_SILENT);
	session_abandon(c->s, REASON_SILENT,
			"nothing heard from the peer for 30 s");
}

void session_channel_segment(struct session_channel *c, const uint8_t *value,
			     size_t len)
{
	const char *fault = !c->s->set->sdu_max && len > TUNNEL_ATT_VALUE_MAX ?
		"a segment has an impossible length" :
		tunnel_receive(&c->tunnel, value, len);

	if (fault) {
		session_channel_take(c);
		session_abandon(c->s, REASON_PROTOCOL, fault);
		return;
	}
	loop_after(c->s->loop, &c->silence, SESSION_SILENCE_MS, channel_silent,
		   c);
	/* Once secured, TLS is given at once all that a turn brings. */
	if (c->s->state != STATE_SECURED)
		session_channel_take(c);
}

void session_channel_prepare(struct session_channel *c)
{
	const uint16_t psm = c->s->set->psm;
	const struct tunnel_capability capability = {
		.versions = 1,
		.bearers = c->bearer | (psm ? TUNNEL_BEARER_COC : 0),
		.psm = psm,
		.value_max = c->s->set->sdu_max ? TUNNEL_VALUE_MAX
						: TUNNEL_ATT_VALUE_MAX,
		.window = TUNNEL_WINDOW,
	};

	c->capability_len = TUNNEL_CAPABILITY_SIZE;
	tunnel_capability_write(&capability, c->capability);
}

void session_channel_accept(struct session_channel *c, uint16_t value_max)
{
	c->open = true;
	c->s->state = STATE_HANDSHAKE;
	c->started = loop_now();
	tunnel_init(&c->tunnel, value_max, TUNNEL_WINDOW, 0);
}

/* TLS, and the messages in it. */

static void channel_failed(struct session_channel *c)
{
	const char *words;
	enum reason reason = channel_fault(c->channel, &words);

	session_finish(c->s, reason, words);
}

void session_channel_send(struct session_channel *c, enum channel_type type,
			  const void *body, size_t len)
{
	if (!channel_send(c->channel, type, body, len))
		channel_failed(c);
}

static size_t ready_body(const struct session_channel *c,
			 uint8_t body[READY_HEAD + CAPABILITY_MAX])
{
	body[0] = CHANNEL_READY;
	body[1] = TUNNEL_VERSION;
	body[2] = c->bearer;
	body[3] = c->central_window;
	memcpy(body + READY_HEAD, c->capability, c->capability_len);
	return READY_HEAD + c->capability_len;
}

static void tell_secured(struct session_channel *c)
{
	struct worker_secured secured = { 0 };
	uint32_t sign_us = 0;

	signer_provider_result(&sign_us);
	memcpy(secured.peer, c->s->set->policy->peer, sizeof(secured.peer));
	memcpy(secured.pin, c->s->set->policy->pin, sizeof(secured.pin));
	memcpy(secured.chain, c->s->set->policy->chain, sizeof(secured.chain));
	secured.chain_count = c->s->set->policy->chain_count;
	snprintf(secured.cipher, sizeof(secured.cipher), "%s",
		 channel_cipher(c->channel));
	snprintf(secured.group, sizeof(secured.group), "%s",
		 channel_group(c->channel));
	secured.microseconds = loop_now() - c->started;
	secured.sign_microseconds = sign_us;
	secured.octets_out = c->tunnel.octets_out;
	secured.octets_in = c->tunnel.octets_in;
	secured.pdus_out = c->tunnel.pdus_out;
	secured.pdus_in = c->tunnel.pdus_in;
	session_tell(c->s, WORKER_SECURED, &secured, sizeof(secured));
}

static void take_ready(struct session_channel *c, const uint8_t *body,
		       size_t len)
{
	uint8_t wanted[READY_HEAD + CAPABILITY_MAX];

	if (c->s->state != STATE_READY) {
		session_finish(c->s, REASON_PROTOCOL, "it sends READY twice");
		return;
	}
	if (ready_body(c, wanted) != len || memcmp(wanted, body, len) != 0) {
		session_finish(c->s, REASON_PROTOCOL,
			       "its READY differs from what was read on the "
			       "link: somebody changed that");
		return;
	}
	c->s->state = STATE_SECURED;
	loop_cancel(c->s->loop, &c->s->deadline);
	/* Send all of the handshake before it is counted. */
	session_channel_flush(c);
	tell_secured(c);
	c->ops->secured(c->arg);
}

/* By octet of BYE: why we send it, and how a session ends that gets it. */
static const struct {
	enum reason ours, theirs;
	const char *words;	/* NULL: it ends in order */
} byes[] = {
	[CHANNEL_BYE_DONE] = { REASON_DONE, REASON_PEER_CLOSED, NULL },
	[CHANNEL_BYE_STOPPED] = { REASON_STOPPED, REASON_PEER_CLOSED, NULL },
	[CHANNEL_BYE_TOO_SLOW] = { REASON_TOO_SLOW, REASON_CUT_SHORT,
				   "the peer reports that we are too slow" },
	[CHANNEL_BYE_FAILED] = { REASON_ERROR, REASON_CUT_SHORT,
				 "the peer reports a failure on its side" },
	[CHANNEL_BYE_NOT_PAIRED] = { REASON_NOT_PAIRED, REASON_NOT_PAIRED,
				     "the peer requires pairing: use --pair" },
	[CHANNEL_BYE_PERIPHERAL] = {
		REASON_PERIPHERAL, REASON_PERIPHERAL,
		"the peripheral behind its gateway has changed: connect "
		"again" },
	[CHANNEL_BYE_REVOKED] = {
		REASON_REVOKED, REASON_REFUSED_BY_PEER,
		"the peer reports that our certificate is revoked" },
};

#define BYES (sizeof(byes) / sizeof(*byes))

void session_channel_goodbye(struct session_channel *c, enum reason reason,
			     uint32_t taken)
{
	struct session_core *s = c->s;
	uint8_t body[6] = { CHANNEL_BYE, CHANNEL_BYE_FAILED };

	if (s->state != STATE_SECURED) {
		session_abandon(s, reason, "");
		return;
	}
	for (size_t i = 0; i < BYES; i++)
		if (byes[i].ours == reason)
			body[1] = (uint8_t)i;
	put_le32(body + 2, taken);
	session_channel_send(c, CHANNEL_CONTROL, body, sizeof(body));
	channel_close(c->channel);
	session_finish(s, s->closed.bye ? REASON_PEER_CLOSED : reason, "");
}

/* The parent has it answered when it has taken what came before. */
static void take_bye(struct session_channel *c, const uint8_t *body)
{
	const uint8_t why = body[1] < BYES ? body[1] : CHANNEL_BYE_FAILED;
	struct session_core *s = c->s;

	s->closed.bye = true;
	s->closed.taken = get_le32(body + 2);
	if (byes[why].words) {
		if (s->closed.reason == REASON_DONE)
			s->closed.reason = REASON_COUNT;
		session_conclude(s, byes[why].theirs, byes[why].words);
	}
	if (s->state == STATE_SECURED)
		session_hold(s, WORKER_BYE, NULL, 0);
}

static void take_control(struct session_channel *c, const uint8_t *body,
			 size_t len)
{
	if (len >= 1 && body[0] == CHANNEL_READY) {
		take_ready(c, body, len);
	} else if (c->s->state != STATE_SECURED) {
		session_finish(c->s, REASON_PROTOCOL,
			       "it does not begin with READY");
	} else if (len == 1 && body[0] == CHANNEL_END && !c->end_received) {
		c->end_received = true;
		session_hold(c->s, WORKER_END, NULL, 0);
	} else if (len == 6 && body[0] == CHANNEL_BYE) {
		take_bye(c, body);
	} else if (len == 2 && body[0] == CHANNEL_PERIPHERAL && body[1] <= 1 &&
		   c->s->central) {
		session_hold(c->s, WORKER_PERIPHERAL, body + 1, 1);
	} else {
		session_finish(c->s, REASON_PROTOCOL,
			       "it sends an unknown control message");
	}
}

static void take_message(struct session_channel *c, enum channel_type type,
			 const uint8_t *body, size_t len)
{
	if (c->s->state == STATE_CLOSING) {
		/* We have said goodbye, and read nothing but the answer. */
		if (c->s->host_closing && !c->s->closed.bye && len == 6 &&
		    type == CHANNEL_CONTROL && body[0] == CHANNEL_BYE)
			take_bye(c, body);
	} else if (c->s->closed.bye) {
		session_finish(c->s, REASON_PROTOCOL,
			       "it sends a message after BYE");
	} else if (type == CHANNEL_CONTROL) {
		take_control(c, body, len);
	} else if (type != CHANNEL_DATA && type != CHANNEL_OOB &&
		   (type != CHANNEL_ATT ||
		    (c->s->central && !c->s->set->op_count))) {
		session_finish(c->s, REASON_PROTOCOL,
			       "it sends a message of an unknown type");
	} else if (c->s->state != STATE_SECURED) {
		session_finish(c->s, REASON_PROTOCOL,
			       "it does not begin with READY");
	} else if (type == CHANNEL_OOB && !pair_message_valid(body, len)) {
		session_finish(c->s, REASON_PROTOCOL,
			       "it sends a malformed message of pairing");
	} else if (type == CHANNEL_OOB) {
		session_hold(c->s, WORKER_OOB, body, len);
	} else if (type == CHANNEL_ATT) {
		c->ops->att(c->arg, body, len);
	} else if (c->end_received) {
		session_finish(c->s, REASON_PROTOCOL,
			       "it sends data after END");
	} else {
		session_hold(c->s, WORKER_DATA, body, len);
	}
}

static void shake_hands(struct session_channel *c)
{
	uint8_t body[READY_HEAD + CAPABILITY_MAX];
	enum channel_result result = channel_handshake(c->channel);
	char *report = c->s->set->policy->report;

	if (*report)
		session_tell(c->s, WORKER_REPORT, report, strlen(report));
	*report = '\0';
	switch (result) {
	case CHANNEL_DONE:
		c->s->state = STATE_READY;
		session_channel_send(c, CHANNEL_CONTROL, body,
				     ready_body(c, body));
		break;
	case CHANNEL_WAIT:
		break;
	case CHANNEL_CLOSED:
		session_finish(c->s, REASON_LINK_LOST,
			       "TLS ended in the handshake");
		break;
	case CHANNEL_FAILED:
		channel_failed(c);
		break;
	}
}

/* True if there may be more to read. */
static bool read_message(struct session_channel *c)
{
	enum channel_type type;
	const uint8_t *body;
	size_t len;

	switch (channel_receive(c->channel, &type, &body, &len)) {
	case CHANNEL_DONE:
		take_message(c, type, body, len);
		return true;
	case CHANNEL_CLOSED:
		c->tls_closed = true;
		c->ack_now = true;
		if (!c->s->closed.bye) {
			session_check_heard(c->s, REASON_LINK_LOST);
			session_finish(c->s, REASON_LINK_LOST,
				       "TLS ended without BYE");
		}
		return false;
	case CHANNEL_FAILED:
		channel_failed(c);
		return false;
	case CHANNEL_WAIT:
		break;
	}
	return false;
}

/* Take OPEN, the first two octets of the central's stream. */
static size_t take_open(struct session_channel *c, const uint8_t *payload,
			size_t len)
{
	if (len < 2 || payload[0] != TUNNEL_VERSION || payload[1] < 1 ||
	    payload[1] > TUNNEL_WINDOW_MAX) {
		session_abandon(c->s, REASON_PROTOCOL,
				"it opens the tunnel with another version, or "
				"a window outside of 1 to 127");
		return 0;
	}
	c->central_window = payload[1];
	c->tunnel.peer_window = payload[1];
	return 2;
}

void session_channel_open(struct session_channel *c,
			  const struct tunnel_capability *capability,
			  uint16_t value_max)
{
	if (value_max > capability->value_max)
		value_max = capability->value_max;
	tunnel_init(&c->tunnel, value_max, TUNNEL_WINDOW, capability->window);
	c->open = true;
	c->started = loop_now();
	c->s->state = STATE_HANDSHAKE;
	c->central_window = TUNNEL_WINDOW;
	c->prefix[0] = TUNNEL_VERSION;
	c->prefix[1] = TUNNEL_WINDOW;
	c->prefix_len = sizeof(c->prefix);
	loop_after(c->s->loop, &c->silence, SESSION_SILENCE_MS, channel_silent,
		   c);
	shake_hands(c);
}

void session_channel_take(struct session_channel *c)
{
	while (c->open && !c->s->holding && c->s->state != STATE_OVER) {
		const uint8_t *payload;
		size_t len, skip = 0;

		if (c->s->state >= STATE_READY && !c->tls_closed &&
		    read_message(c))
			continue;
		payload = tunnel_peek(&c->tunnel, &len);
		if (!payload)
			return;
		if (!c->s->central && !c->tunnel.peer_window)
			skip = take_open(c, payload, len);
		do {
			channel_input(c->channel, payload + skip, len - skip);
			tunnel_consume(&c->tunnel);
			payload = tunnel_peek(&c->tunnel, &len);
		} while (c->s->state == STATE_SECURED && payload);
		if (c->s->state == STATE_HANDSHAKE)
			shake_hands(c);
	}
}

void session_channel_end(struct session_channel *c)
{
	static const uint8_t end = CHANNEL_END;

	if (!c->end_sent)
		session_channel_send(c, CHANNEL_CONTROL, &end, 1);
	c->end_sent = true;
}

/*
 * The side that said goodbye first waits for the answer, the other until its
 * answer has arrived.
 */
bool session_channel_idle(const struct session_channel *c)
{
	const struct session_core *s = c->s;

	if (channel_pending(c->channel) || c->ack_now)
		return false;
	if (s->closed.reason == REASON_PEER_CLOSED)
		return tunnel_idle(&c->tunnel);
	return c->tls_closed ||
	       (!s->host_closing && tunnel_idle(&c->tunnel));
}
