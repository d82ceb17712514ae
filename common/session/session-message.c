/* SPDX-License-Identifier: GPL-3.0-or-later */
/* TLS in the tunnel, and the messages in TLS. */
#include "config.h"
#include "session/session-part.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "channel/channel.h"
#include "pairing/pair-exchange.h"
#include "key/signer-provider.h"

#define READY_HEAD 4

/* Messages. */

void session_tell_connected(struct session *s, uint16_t mtu)
{
	struct worker_connected connected = { .mtu = mtu };

	if (!s->told_connected)
		session_tell(s, WORKER_CONNECTED, &connected, sizeof(connected));
	s->told_connected = true;
}

static size_t ready_body(const struct session *s,
			 uint8_t body[READY_HEAD + CAPABILITY_MAX])
{
	body[0] = CHANNEL_READY;
	body[1] = TUNNEL_VERSION;
	body[2] = s->bearer;
	body[3] = s->central_window;
	memcpy(body + READY_HEAD, s->capability, s->capability_len);
	return READY_HEAD + s->capability_len;
}

static void tell_secured(struct session *s)
{
	struct worker_secured secured = { 0 };
	uint32_t sign_us = 0;

	signer_provider_result(&sign_us);
	memcpy(secured.peer, s->set->policy->peer, sizeof(secured.peer));
	memcpy(secured.pin, s->set->policy->pin, sizeof(secured.pin));
	memcpy(secured.chain, s->set->policy->chain, sizeof(secured.chain));
	secured.chain_count = s->set->policy->chain_count;
	snprintf(secured.cipher, sizeof(secured.cipher), "%s",
		 channel_cipher(s->channel));
	snprintf(secured.group, sizeof(secured.group), "%s",
		 channel_group(s->channel));
	secured.microseconds = loop_now() - s->started;
	secured.sign_microseconds = sign_us;
	secured.octets_out = s->tunnel.octets_out;
	secured.octets_in = s->tunnel.octets_in;
	secured.pdus_out = s->tunnel.pdus_out;
	secured.pdus_in = s->tunnel.pdus_in;
	session_tell(s, WORKER_SECURED, &secured, sizeof(secured));
}

static void take_ready(struct session *s, const uint8_t *body, size_t len)
{
	uint8_t wanted[READY_HEAD + CAPABILITY_MAX];

	if (s->state != STATE_READY) {
		session_finish(s, REASON_PROTOCOL, "it says READY twice");
		return;
	}
	if (ready_body(s, wanted) != len || memcmp(wanted, body, len) != 0) {
		session_finish(s, REASON_PROTOCOL,
			       "it says in READY what differs from what was "
			       "read on the link: somebody changed it");
		return;
	}
	s->state = STATE_SECURED;
	loop_cancel(s->loop, &s->deadline);
	/* All of the handshake is out before it is counted. */
	session_send_tunnel(s);
	tell_secured(s);
	if (s->set->op_count)
		session_start_exploring(s);
}

/* The parent says when its own is said, and our answer is due. */
static void take_bye(struct session *s, const uint8_t *body)
{
	s->closed.bye = true;
	s->closed.taken = get_le32(body + 2);
	if (s->closed.reason == REASON_DONE && body[1] > CHANNEL_BYE_STOPPED)
		s->closed.reason = REASON_COUNT;
	if (body[1] == CHANNEL_BYE_TOO_SLOW)
		session_conclude(s, REASON_CUT_SHORT,
				 "it says that we are too slow");
	else if (body[1] == CHANNEL_BYE_NOT_PAIRED)
		session_conclude(s, REASON_NOT_PAIRED,
				 "it requires that: --pair");
	else if (body[1] == CHANNEL_BYE_PERIPHERAL)
		session_conclude(s, REASON_PERIPHERAL,
				 "the one behind its gateway: connect again");
	else if (body[1] == CHANNEL_BYE_REVOKED)
		session_conclude(s, REASON_REFUSED_BY_PEER,
				 "it says that our certificate is revoked");
	else if (body[1] > CHANNEL_BYE_STOPPED)
		session_conclude(s, REASON_CUT_SHORT,
				 "it says that it has failed");
	if (s->state == STATE_SECURED)
		session_hold(s, WORKER_BYE, NULL, 0);
}

static void take_control(struct session *s, const uint8_t *body, size_t len)
{
	if (len >= 1 && body[0] == CHANNEL_READY) {
		take_ready(s, body, len);
	} else if (s->state != STATE_SECURED) {
		session_finish(s, REASON_PROTOCOL,
			       "it does not begin with READY");
	} else if (len == 1 && body[0] == CHANNEL_END && !s->end_received) {
		s->end_received = true;
		session_hold(s, WORKER_END, NULL, 0);
	} else if (len == 6 && body[0] == CHANNEL_BYE) {
		take_bye(s, body);
	} else if (len == 2 && body[0] == CHANNEL_PERIPHERAL && body[1] <= 1 &&
		   s->central) {
		session_hold(s, WORKER_PERIPHERAL, body + 1, 1);
	} else {
		session_finish(s, REASON_PROTOCOL,
			       "it sends an unknown control message");
	}
}

static void take_message(struct session *s, enum channel_type type,
			 const uint8_t *body, size_t len)
{
	if (s->state == STATE_CLOSING) {
		/* We have said goodbye: nothing but its own is read. */
		if (s->host_closing && !s->closed.bye && len == 6 &&
		    type == CHANNEL_CONTROL && body[0] == CHANNEL_BYE)
			take_bye(s, body);
	} else if (s->closed.bye) {
		session_finish(s, REASON_PROTOCOL,
			       "it sends a message after BYE");
	} else if (type == CHANNEL_CONTROL) {
		take_control(s, body, len);
	} else if (type != CHANNEL_DATA && type != CHANNEL_OOB &&
		   (type != CHANNEL_ATT ||
		    (s->central && !s->set->op_count))) {
		session_finish(s, REASON_PROTOCOL,
			       "it sends a message of an unknown type");
	} else if (s->state != STATE_SECURED) {
		session_finish(s, REASON_PROTOCOL,
			       "it does not begin with READY");
	} else if (type == CHANNEL_OOB && !pair_message_valid(body, len)) {
		session_finish(s, REASON_PROTOCOL,
			       "it sends a malformed message of pairing");
	} else if (type == CHANNEL_OOB) {
		session_hold(s, WORKER_OOB, body, len);
	} else if (type == CHANNEL_ATT) {
		session_take_att(s, body, len);
	} else if (s->end_received) {
		session_finish(s, REASON_PROTOCOL, "it sends data after END");
	} else {
		session_hold(s, WORKER_DATA, body, len);
	}
}

void session_handshake(struct session *s)
{
	uint8_t body[READY_HEAD + CAPABILITY_MAX];

	enum channel_result result = channel_handshake(s->channel);
	char *report = s->set->policy->report;

	if (*report)
		session_tell(s, WORKER_REPORT, report, strlen(report));
	*report = '\0';
	switch (result) {
	case CHANNEL_DONE:
		s->state = STATE_READY;
		session_send(s, CHANNEL_CONTROL, body, ready_body(s, body));
		break;
	case CHANNEL_WAIT:
		break;
	case CHANNEL_CLOSED:
		session_finish(s, REASON_LINK_LOST,
			       "TLS ended in the handshake");
		break;
	case CHANNEL_FAILED:
		session_channel_failed(s);
		break;
	}
}

/* True if there may be more to read. */
static bool read_message(struct session *s)
{
	enum channel_type type;
	const uint8_t *body;
	size_t len;

	switch (channel_receive(s->channel, &type, &body, &len)) {
	case CHANNEL_DONE:
		take_message(s, type, body, len);
		return true;
	case CHANNEL_CLOSED:
		s->tls_closed = true;
		s->ack_now = true;
		if (!s->closed.bye) {
			session_check_heard(s, REASON_LINK_LOST);
			session_finish(s, REASON_LINK_LOST,
				       "TLS ended without BYE");
		}
		return false;
	case CHANNEL_FAILED:
		session_channel_failed(s);
		return false;
	case CHANNEL_WAIT:
		break;
	}
	return false;
}

/* OPEN, the first two octets of the central's stream. */
static size_t take_open(struct session *s, const uint8_t *payload, size_t len)
{
	if (len < 2 || payload[0] != TUNNEL_VERSION || payload[1] < 1 ||
	    payload[1] > TUNNEL_WINDOW_MAX) {
		session_abandon(s, REASON_PROTOCOL,
				"it opens the tunnel with another version, or "
				"a window outside of 1 to 127");
		return 0;
	}
	s->central_window = payload[1];
	s->tunnel.peer_window = payload[1];
	return 2;
}

/* From the tunnel through TLS to the parent, as far as it takes it. */
void session_process(struct session *s)
{
	while (s->open && !s->holding && s->state != STATE_OVER) {
		const uint8_t *payload;
		size_t len, skip = 0;

		if (s->state >= STATE_READY && !s->tls_closed &&
		    read_message(s))
			continue;
		payload = tunnel_peek(&s->tunnel, &len);
		if (!payload)
			return;
		if (!s->central && !s->tunnel.peer_window)
			skip = take_open(s, payload, len);
		do {
			channel_input(s->channel, payload + skip, len - skip);
			tunnel_consume(&s->tunnel);
			payload = tunnel_peek(&s->tunnel, &len);
		} while (s->state == STATE_SECURED && payload);
		if (s->state == STATE_HANDSHAKE)
			session_handshake(s);
	}
}
