/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "bytes.h"
#include "gatt-client.h"
#include "gatt-server.h"
#include "link.h"
#include "loop.h"
#include "pair-exchange.h"
#include "sandbox.h"
#include "session-gatt.h"
#include "signer-provider.h"
#include "tunnel.h"
#include "worker.h"

#define HEARTBEAT_MS 10000
#define SILENCE_MS 30000
#define GOODBYE_MS 2000
#define ATT_ANSWER_MS 30000
#define FIRST_ANSWER_MS 4000	/* to the Exchange MTU Request */
#define BACKLOG 16384		/* TLS octets waiting: no more is taken */
#define PDUS_A_TURN 64
#define QUEUE 4
#define READY_HEAD 4
#define ATT_HEADER 3		/* opcode and handle */

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
	bool central;
	uint8_t bearer;
	enum state state;
	struct loop *loop;
	struct channel *channel;
	struct tunnel tunnel;
	struct gatt_db db;
	struct gatt_server server;
	struct gatt_client client;
	struct gatt_tunnel_handles handles;
	uint8_t capability[CAPABILITY_MAX];
	size_t capability_len;
	bool open;			/* the tunnel is */
	uint8_t central_window;

	/* PDUs that the link did not take yet. */
	uint8_t queue[QUEUE][LINK_SDU_MAX];
	size_t queue_lens[QUEUE];
	size_t queued;

	/* OPEN, until it has gone out in segment 0. */
	uint8_t prefix[2];
	size_t prefix_len;

	/* A message that the parent did not take yet. */
	enum worker_type held_type;
	const uint8_t *held;
	size_t held_len;
	bool holding;

	struct session_gatt *gatt;	/* NULL: no ATT in the channel yet */
	struct gatt_explorer explorer;
	uint8_t notified[sizeof(struct worker_notified) + ATT_VALUE_MAX];

	bool heard, told_connected, data_sent, end_sent, end_received;
	bool host_closing, tls_closed, ack_now, reset;
	uint64_t started;
	struct loop_timer deadline, heartbeat, silence, goodbye, answer;
	struct worker_closed closed;
};

static void pump(struct session *s);

/* To the parent, which is trusted and will take it. */
static void tell(struct session *s, enum worker_type type, const void *body,
		 size_t len)
{
	struct worker host = { .fd = s->set->host };
	struct pollfd polled = { .fd = host.fd, .events = POLLOUT };

	while (worker_send(&host, type, body, len) == 0)
		poll(&polled, 1, 1000);
}

static void log_sink(enum diag_level level, const char *text, void *arg)
{
	const struct session *s = arg;
	struct worker host = { .fd = s->set->host };
	uint8_t body[1100];
	int n = snprintf((char *)body + 1, sizeof(body) - 1, "%s", text);
	size_t len = n < 0 ? 0 : (size_t)n;

	if (len > sizeof(body) - 2)
		len = sizeof(body) - 2;
	body[0] = (uint8_t)level;
	body[1 + len] = '\0';
	/* Better lost than in the way. */
	worker_send(&host, WORKER_LOG, body, len + 2);
}

static void over(struct session *s)
{
	s->state = STATE_OVER;
	loop_stop(s->loop, 0);
}

/* The first reason counts. */
static void conclude(struct session *s, enum reason reason, const char *words)
{
	if (s->closed.words[0] || s->closed.reason != REASON_COUNT)
		return;
	s->closed.reason = (uint8_t)reason;
	snprintf(s->closed.words, sizeof(s->closed.words), "%s", words);
}

/* End now: nothing more can or may be said. */
static void abandon(struct session *s, enum reason reason, const char *words)
{
	conclude(s, reason, words);
	over(s);
}

/* Done is only who has heard that the peer took all that it was sent. */
static void check_heard(struct session *s, enum reason reason)
{
	if (s->closed.reason != REASON_DONE || s->closed.bye || !s->data_sent)
		return;
	s->closed.reason = (uint8_t)reason;
	snprintf(s->closed.words, sizeof(s->closed.words),
		 "it did not say that it has taken all");
}

static void goodbye_over(void *arg)
{
	over(arg);
}

/* End when what is queued (BYE, close_notify, an alert) has arrived. */
static void finish(struct session *s, enum reason reason, const char *words)
{
	if (s->state >= STATE_CLOSING)
		return;
	conclude(s, reason, words);
	s->state = STATE_CLOSING;
	loop_cancel(s->loop, &s->deadline);
	/* Who is done has time for a peer that is slow, if not silent. */
	if (reason != REASON_DONE || !s->data_sent)
		loop_after(s->loop, &s->goodbye, GOODBYE_MS, goodbye_over, s);
}

static void channel_failed(struct session *s)
{
	const char *words;
	enum reason reason = channel_fault(s->channel, &words);

	finish(s, reason, words);
}

static void say_goodbye(struct session *s, enum reason reason, uint32_t taken)
{
	uint8_t body[6] = { CHANNEL_BYE, CHANNEL_BYE_FAILED };

	if (s->state != STATE_SECURED) {
		abandon(s, reason, "");
		return;
	}
	if (reason == REASON_DONE)
		body[1] = CHANNEL_BYE_DONE;
	else if (reason == REASON_STOPPED)
		body[1] = CHANNEL_BYE_STOPPED;
	else if (reason == REASON_TOO_SLOW)
		body[1] = CHANNEL_BYE_TOO_SLOW;
	else if (reason == REASON_NOT_PAIRED)
		body[1] = CHANNEL_BYE_NOT_PAIRED;
	put_le32(body + 2, taken);
	channel_send(s->channel, CHANNEL_CONTROL, body, sizeof(body));
	channel_close(s->channel);
	finish(s, s->closed.bye ? REASON_PEER_CLOSED : reason, "");
}

static void deadline_passed(void *arg)
{
	static const char *const waits[] = {
		[STATE_LINK] = "no session was begun in time",
		[STATE_HANDSHAKE] = "the TLS handshake did not end in time",
		[STATE_READY] = "the peer was not ready in time",
	};
	struct session *s = arg;

	if (s->central && s->state == STATE_LINK)
		abandon(s, REASON_TIMEOUT, "no answer to an ATT request");
	else if (s->state < STATE_SECURED)
		abandon(s, REASON_TIMEOUT, waits[s->state]);
}

static void no_answer(void *arg)
{
	abandon(arg, REASON_TIMEOUT, "no answer on a new link");
}

static void silent(void *arg)
{
	struct session *s = arg;

	check_heard(s, REASON_SILENT);
	abandon(s, REASON_SILENT, "nothing heard from the peer for 30 s");
}

/* The link. */

static void link_gone(struct session *s)
{
	check_heard(s, REASON_LINK_LOST);
	abandon(s, s->closed.bye ? REASON_PEER_CLOSED : REASON_LINK_LOST, "");
}

static void put(struct session *s, const uint8_t *pdu, size_t len)
{
	if (!len || s->state == STATE_OVER)
		return;
	if (!s->queued) {
		if (send(s->set->link, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL) >=
		    0)
			return;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS &&
		    errno != ENOMEM) {
			diag_debug("link: send: %s", strerror(errno));
			link_gone(s);
			return;
		}
	}
	if (s->queued == QUEUE) {
		abandon(s, REASON_PROTOCOL,
			"it asks again before it has its answer");
		return;
	}
	memcpy(s->queue[s->queued], pdu, len);
	s->queue_lens[s->queued++] = len;
}

/* True if the queue is empty after it. */
static bool flush_queue(struct session *s)
{
	size_t n = s->queued;

	if (!n)
		return true;
	s->queued = 0;
	for (size_t i = 0; i < n && s->state != STATE_OVER; i++) {
		if (s->queued) {
			memmove(s->queue[s->queued], s->queue[i],
				s->queue_lens[i]);
			s->queue_lens[s->queued++] = s->queue_lens[i];
		} else {
			uint8_t pdu[LINK_SDU_MAX];

			memcpy(pdu, s->queue[i], s->queue_lens[i]);
			put(s, pdu, s->queue_lens[i]);
		}
	}
	return !s->queued;
}

static void heartbeat(void *arg);

static void send_segment(struct session *s, const uint8_t *payload, size_t len)
{
	uint8_t pdu[ATT_HEADER + TUNNEL_VALUE_MAX];
	size_t n = tunnel_send(&s->tunnel, payload, len, pdu + ATT_HEADER);

	pdu[0] = s->central ? ATT_WRITE_CMD : ATT_HANDLE_VALUE_NTF;
	put_le16(pdu + 1, s->central ? s->handles.inbound
				     : s->handles.outbound);
	if (s->set->sdu_max)
		put(s, pdu + ATT_HEADER, n);
	else
		put(s, pdu, ATT_HEADER + n);
	s->ack_now = false;
	loop_after(s->loop, &s->heartbeat, HEARTBEAT_MS, heartbeat, s);
}

static void heartbeat(void *arg)
{
	struct session *s = arg;

	if (!s->queued)
		send_segment(s, NULL, 0);
	else
		loop_after(s->loop, &s->heartbeat, HEARTBEAT_MS, heartbeat, s);
	pump(s);
}

/* Out goes what the window and the link allow. */
static void send_tunnel(struct session *s)
{
	while (s->open && s->state != STATE_OVER && !s->queued) {
		uint8_t payload[TUNNEL_VALUE_MAX];
		size_t room = tunnel_room(&s->tunnel), n = 0;

		if (room && s->prefix_len) {
			memcpy(payload, s->prefix, s->prefix_len);
			n = s->prefix_len;
			s->prefix_len = 0;
		}
		if (room)
			n += channel_output(s->channel, payload + n, room - n);
		if (!n && !s->ack_now && !tunnel_ack_due(&s->tunnel))
			return;
		send_segment(s, payload, n);
	}
}

/* Messages. */

static void tell_connected(struct session *s, uint16_t mtu)
{
	struct worker_connected connected = { .mtu = mtu };

	if (!s->told_connected)
		tell(s, WORKER_CONNECTED, &connected, sizeof(connected));
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
	tell(s, WORKER_SECURED, &secured, sizeof(secured));
}

/* If the parent is busy, nothing more is read till it has taken this. */
static void deliver(struct session *s)
{
	struct worker host = { .fd = s->set->host };
	int sent = worker_send(&host, s->held_type, s->held, s->held_len);

	s->holding = sent == 0;
	loop_events(s->loop, s->set->host,
		    (short)(POLLIN | (s->holding ? POLLOUT : 0)));
	if (sent < 0)
		abandon(s, REASON_ERROR, "the parent process has gone");
}

static void hold(struct session *s, enum worker_type type, const uint8_t *body,
		 size_t len)
{
	s->held_type = type;
	s->held = body;
	s->held_len = len;
	deliver(s);
}

static void start_exploring(struct session *s);

static void take_ready(struct session *s, const uint8_t *body, size_t len)
{
	uint8_t wanted[READY_HEAD + CAPABILITY_MAX];

	if (s->state != STATE_READY) {
		finish(s, REASON_PROTOCOL, "it says READY twice");
		return;
	}
	if (ready_body(s, wanted) != len || memcmp(wanted, body, len) != 0) {
		finish(s, REASON_PROTOCOL, "it says in READY what differs from "
		       "what was read on the link: somebody changed it");
		return;
	}
	s->state = STATE_SECURED;
	loop_cancel(s->loop, &s->deadline);
	/* All of the handshake is out before it is counted. */
	send_tunnel(s);
	tell_secured(s);
	if (s->set->op_count)
		start_exploring(s);
}

/* The parent says when its own is said, and our answer is due. */
static void take_bye(struct session *s, const uint8_t *body)
{
	s->closed.bye = true;
	s->closed.taken = get_le32(body + 2);
	if (s->closed.reason == REASON_DONE && body[1] > CHANNEL_BYE_STOPPED)
		s->closed.reason = REASON_COUNT;
	if (body[1] == CHANNEL_BYE_TOO_SLOW)
		conclude(s, REASON_CUT_SHORT, "it says that we are too slow");
	else if (body[1] == CHANNEL_BYE_NOT_PAIRED)
		conclude(s, REASON_NOT_PAIRED, "it requires that: --pair");
	else if (body[1] > CHANNEL_BYE_STOPPED)
		conclude(s, REASON_CUT_SHORT, "it says that it has failed");
	if (s->state == STATE_SECURED)
		hold(s, WORKER_BYE, NULL, 0);
}

static void take_control(struct session *s, const uint8_t *body, size_t len)
{
	if (len >= 1 && body[0] == CHANNEL_READY) {
		take_ready(s, body, len);
	} else if (s->state != STATE_SECURED) {
		finish(s, REASON_PROTOCOL, "it does not begin with READY");
	} else if (len == 1 && body[0] == CHANNEL_END && !s->end_received) {
		s->end_received = true;
		hold(s, WORKER_END, NULL, 0);
	} else if (len == 6 && body[0] == CHANNEL_BYE) {
		take_bye(s, body);
	} else {
		finish(s, REASON_PROTOCOL, "it sends an unknown control "
		       "message");
	}
}

/* Secured GATT. */

static void send_att(const uint8_t *pdu, size_t len, void *arg)
{
	struct session *s = arg;

	if (!channel_send(s->channel, CHANNEL_ATT, pdu, len))
		channel_failed(s);
}

static void ask_host(const struct gatt_external *what, void *arg)
{
	struct session *s = arg;
	const struct worker_gatt head = {
		.operation = (uint8_t)what->operation,
		.handle = what->handle, .offset = what->offset,
	};
	uint8_t body[sizeof(head) + ATT_VALUE_MAX];

	memcpy(body, &head, sizeof(head));
	if (what->len)
		memcpy(body + sizeof(head), what->value, what->len);
	tell(s, WORKER_GATT, body, sizeof(head) + what->len);
}

static bool authorize(uint32_t authorization, uint16_t handle, bool writing,
		      void *arg)
{
	const struct session *s = arg;

	(void)handle;
	(void)writing;
	return gatt_profile_authorizes(s->set->profile, authorization,
				       s->set->policy->peer,
				       s->set->policy->pin);
}

static void take_att(struct session *s, const uint8_t *pdu, size_t len)
{
	const struct session_gatt_settings settings = {
		.profile = s->set->profile ? &s->set->profile->db : NULL,
		.send = send_att, .ask = ask_host, .authorize = authorize,
		.arg = s,
	};
	const char *fault;

	if (!s->gatt)
		s->gatt = session_gatt_new(&settings);
	fault = s->gatt ? session_gatt_receive(s->gatt, pdu, len)
			: "out of memory";
	if (fault)
		finish(s, REASON_PROTOCOL, fault);
}

/* Operations on the peer. */

static void on_found(const struct gatt_found *found, void *arg)
{
	tell(arg, WORKER_FOUND, found, sizeof(*found));
}

static void on_result(const struct gatt_result *result, void *arg)
{
	const struct worker_result head = {
		.op = (uint32_t)result->op, .status = result->status,
		.handle = result->handle, .uuid = result->uuid,
	};
	uint8_t body[sizeof(head) + ATT_VALUE_MAX];

	memcpy(body, &head, sizeof(head));
	if (result->len)
		memcpy(body + sizeof(head), result->value, result->len);
	tell(arg, WORKER_RESULT, body, sizeof(head) + result->len);
}

/* One a PDU: if the parent is busy, the next is not read. */
static void on_notified(uint16_t handle, const struct gatt_uuid *uuid,
			bool indication, const uint8_t *value, size_t len,
			void *arg)
{
	struct session *s = arg;
	struct worker_notified head = {
		.handle = handle, .indication = indication,
	};

	if (uuid)
		head.uuid = *uuid;
	memcpy(s->notified, &head, sizeof(head));
	if (len)
		memcpy(s->notified + sizeof(head), value, len);
	hold(s, WORKER_NOTIFIED, s->notified, sizeof(head) + len);
}

static void on_explored(void *arg)
{
	tell(arg, WORKER_EXPLORED, NULL, 0);
}

static void att_late(void *arg)
{
	finish(arg, REASON_TIMEOUT, "no answer to an ATT request for 30 s");
}

static void send_requests(struct session *s)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	size_t len;

	while ((len = gatt_explorer_next(&s->explorer, pdu)))
		send_att(pdu, len, s);
	/* Vol 3 Part F 3.3.3 */
	if (s->explorer.asked)
		loop_after(s->loop, &s->answer, ATT_ANSWER_MS, att_late, s);
	else
		loop_cancel(s->loop, &s->answer);
}

static void start_exploring(struct session *s)
{
	s->explorer = (struct gatt_explorer){
		.ops = s->set->ops, .count = s->set->op_count, .arg = s,
		.found = on_found, .result = on_result,
		.notified = on_notified, .done = on_explored,
	};
	send_requests(s);
}

static void explore(struct session *s, const uint8_t *pdu, size_t len)
{
	const char *fault = len > ATT_MTU_OFFERED ?
		"it sends an ATT PDU of an impossible length" :
		gatt_explorer_receive(&s->explorer, pdu, len);

	if (fault)
		finish(s, REASON_PROTOCOL, fault);
	else
		send_requests(s);
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
		finish(s, REASON_PROTOCOL, "it sends a message after BYE");
	} else if (type == CHANNEL_CONTROL) {
		take_control(s, body, len);
	} else if (type != CHANNEL_DATA && type != CHANNEL_OOB &&
		   (type != CHANNEL_ATT ||
		    (s->central && !s->set->op_count))) {
		finish(s, REASON_PROTOCOL, "it sends a message of an unknown "
		       "type");
	} else if (s->state != STATE_SECURED) {
		finish(s, REASON_PROTOCOL, "it does not begin with READY");
	} else if (type == CHANNEL_OOB && !pair_message_valid(body, len)) {
		finish(s, REASON_PROTOCOL, "it sends a malformed message of "
		       "pairing");
	} else if (type == CHANNEL_OOB) {
		hold(s, WORKER_OOB, body, len);
	} else if (type == CHANNEL_ATT && s->central) {
		explore(s, body, len);
	} else if (type == CHANNEL_ATT) {
		take_att(s, body, len);
	} else if (s->end_received) {
		finish(s, REASON_PROTOCOL, "it sends data after END");
	} else {
		hold(s, WORKER_DATA, body, len);
	}
}

static void go_on_with_handshake(struct session *s)
{
	uint8_t body[READY_HEAD + CAPABILITY_MAX];

	switch (channel_handshake(s->channel)) {
	case CHANNEL_DONE:
		s->state = STATE_READY;
		channel_send(s->channel, CHANNEL_CONTROL, body,
			     ready_body(s, body));
		break;
	case CHANNEL_WAIT:
		break;
	case CHANNEL_CLOSED:
		finish(s, REASON_LINK_LOST, "TLS ended in the handshake");
		break;
	case CHANNEL_FAILED:
		channel_failed(s);
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
			check_heard(s, REASON_LINK_LOST);
			finish(s, REASON_LINK_LOST, "TLS ended without BYE");
		}
		return false;
	case CHANNEL_FAILED:
		channel_failed(s);
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
		abandon(s, REASON_PROTOCOL, "it opens the tunnel with another "
			"version, or a window outside of 1 to 127");
		return 0;
	}
	s->central_window = payload[1];
	s->tunnel.peer_window = payload[1];
	return 2;
}

/* From the tunnel through TLS to the parent, as far as it takes it. */
static void process(struct session *s)
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
		channel_input(s->channel, payload + skip, len - skip);
		tunnel_consume(&s->tunnel);
		if (s->state == STATE_HANDSHAKE)
			go_on_with_handshake(s);
	}
}

static uint16_t att_value_max(uint16_t mtu)
{
	return mtu - ATT_HEADER < TUNNEL_ATT_VALUE_MAX ?
		(uint16_t)(mtu - ATT_HEADER) : TUNNEL_ATT_VALUE_MAX;
}

static void take_segment(struct session *s, const uint8_t *value, size_t len)
{
	const char *fault = !s->set->sdu_max && len > TUNNEL_ATT_VALUE_MAX ?
		"a segment has an impossible length" :
		tunnel_receive(&s->tunnel, value, len);

	if (fault) {
		abandon(s, REASON_PROTOCOL, fault);
		return;
	}
	loop_after(s->loop, &s->silence, SILENCE_MS, silent, s);
	process(s);
}

/* The server: a central writes. */
static uint8_t on_write(uint16_t handle, const uint8_t *value, size_t len,
			void *arg)
{
	struct session *s = arg;

	if (handle == s->handles.configuration) {
		if (s->open && !get_le16(value))
			abandon(s, REASON_PROTOCOL,
				"it disables notifications in a session");
		return 0;
	}
	if (handle != s->handles.inbound)
		return 0;
	if (!s->open) {
		if (!gatt_server_configuration(&s->server,
					       s->handles.configuration)) {
			abandon(s, REASON_PROTOCOL, "it writes before it has "
				"enabled notifications");
			return 0;
		}
		s->open = true;
		s->state = STATE_HANDSHAKE;
		s->started = loop_now();
		tunnel_init(&s->tunnel, att_value_max(s->server.mtu),
			    TUNNEL_WINDOW, 0);
	}
	take_segment(s, value, len);
	return 0;
}

/* The central's side of the tunnel. */
static void open_tunnel(struct session *s,
			const struct tunnel_capability *capability,
			uint16_t value_max)
{
	if (value_max > capability->value_max)
		value_max = capability->value_max;
	tunnel_init(&s->tunnel, value_max, TUNNEL_WINDOW, capability->window);
	s->open = true;
	s->started = loop_now();
	s->state = STATE_HANDSHAKE;
	s->central_window = TUNNEL_WINDOW;
	s->prefix[0] = TUNNEL_VERSION;
	s->prefix[1] = TUNNEL_WINDOW;
	s->prefix_len = sizeof(s->prefix);
	loop_after(s->loop, &s->silence, SILENCE_MS, silent, s);
	go_on_with_handshake(s);
}

/* True if this link is not to be used, but the channel at a PSM, or none. */
static bool look_elsewhere(struct session *s,
			   const struct tunnel_capability *capability)
{
	if (!s->set->look_for_coc)
		return false;
	if ((capability->bearers & TUNNEL_BEARER_COC) &&
	    capability->psm >= LINK_PSM_MIN && capability->psm <= LINK_PSM_MAX)
		s->closed.psm = capability->psm;
	else if (!s->set->need_coc)
		return false;
	abandon(s, REASON_PROTOCOL, "it offers no LE credit-based channel");
	return true;
}

/* The client: a step of the way to the tunnel. */
static void take_response(struct session *s, const uint8_t *pdu, size_t len)
{
	uint8_t req[ATT_MTU_DEFAULT];
	size_t req_len;
	struct tunnel_capability capability;
	const char *fault;

	if (s->client.step == GATT_CLIENT_DONE)
		return;
	loop_cancel(s->loop, &s->answer);
	fault = gatt_client_response(&s->client, pdu, len, req, &req_len);
	if (!fault && s->client.step > GATT_CLIENT_CAPABILITY)
		fault = tunnel_capability_read(s->client.capability,
			s->client.capability_len, TUNNEL_BEARER_ATT,
			&capability);
	if (fault) {
		/* Another program may have ATT there. */
		if (s->client.step == GATT_CLIENT_SERVICE && s->set->need_coc)
			s->closed.psm = LINK_PSM;
		abandon(s, REASON_PROTOCOL, fault);
		return;
	}
	s->server.mtu = s->client.mtu;
	if (s->client.step > GATT_CLIENT_CAPABILITY &&
	    look_elsewhere(s, &capability))
		return;
	if (!s->set->look_for_coc || s->client.step > GATT_CLIENT_CAPABILITY)
		tell_connected(s, s->client.mtu);
	put(s, req, req_len);
	if (s->client.step != GATT_CLIENT_DONE)
		return;
	s->handles = s->client.handles;
	s->capability_len = s->client.capability_len;
	memcpy(s->capability, s->client.capability, s->capability_len);
	open_tunnel(s, &capability, att_value_max(s->client.mtu));
}

/* A credit-based channel: the peripheral begins with its capability. */
static void take_sdu(struct session *s, const uint8_t *sdu, size_t len)
{
	struct tunnel_capability capability;
	const char *fault;

	s->heard = true;
	if (s->open) {
		take_segment(s, sdu, len);
		return;
	}
	loop_cancel(s->loop, &s->answer);
	fault = len > sizeof(s->capability) ?
		"its capability value has a wrong length" :
		tunnel_capability_read(sdu, len, s->bearer, &capability);
	if (fault) {
		abandon(s, REASON_PROTOCOL, fault);
		return;
	}
	s->capability_len = len;
	memcpy(s->capability, sdu, len);
	tell_connected(s, s->set->sdu_max);
	open_tunnel(s, &capability, s->set->sdu_max);
}

static void take_pdu(struct session *s, const uint8_t *pdu, size_t len)
{
	const uint8_t confirmation = ATT_HANDLE_VALUE_CFM;
	uint8_t rsp[ATT_MTU_OFFERED];
	size_t n;

	s->heard = true;
	if (gatt_server_takes(pdu[0])) {
		if (!s->central && pdu[0] != ATT_EXCHANGE_MTU_REQ)
			tell_connected(s, s->server.mtu);
		n = gatt_server_handle(&s->server, pdu, len, rsp);
		put(s, rsp, n);
		if (!s->central)
			tell_connected(s, s->server.mtu);
	} else if (pdu[0] == ATT_HANDLE_VALUE_NTF) {
		if (s->central && s->open && len >= 3 &&
		    get_le16(pdu + 1) == s->handles.outbound)
			take_segment(s, pdu + 3, len - 3);
	} else if (pdu[0] == ATT_HANDLE_VALUE_IND) {
		put(s, &confirmation, 1);
	} else if (s->central) {
		take_response(s, pdu, len);
	}
}

static void on_link(short ready, void *arg)
{
	struct session *s = arg;
	uint8_t pdu[LINK_SDU_MAX];

	for (int i = 0; i < PDUS_A_TURN && s->state != STATE_OVER; i++) {
		ssize_t n = recv(s->set->link, pdu, sizeof(pdu),
				 MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0 && errno == ECONNRESET && !s->reset) {
			/* It hides what is still queued, but only once. */
			s->reset = true;
		} else if (n < 0) {
			diag_debug("link: receive: %s", strerror(errno));
			link_gone(s);
		} else if (n == 0 && (ready & (POLLHUP | POLLRDHUP))) {
			link_gone(s);
		} else if (n == 0) {
			struct pollfd now = { s->set->link, POLLRDHUP, 0 };

			/* A packet of no octets looks like the end. */
			poll(&now, 1, 0);
			if (now.revents & (POLLHUP | POLLRDHUP))
				link_gone(s);
			else
				abandon(s, REASON_PROTOCOL,
					"it sends an empty PDU");
		} else if (n > (s->set->sdu_max ? LINK_SDU_MAX :
				ATT_MTU_OFFERED)) {
			abandon(s, REASON_PROTOCOL, "it sends a PDU longer "
				"than the MTU");
		} else if (s->set->sdu_max) {
			take_sdu(s, pdu, (size_t)n);
		} else {
			take_pdu(s, pdu, (size_t)n);
		}
	}
	pump(s);
}

/* The parent. */

static void take_host(struct session *s, int type, const uint8_t *body,
		      size_t len)
{
	static const uint8_t end = CHANNEL_END;
	struct host_close close;

	switch (type) {
	case HOST_CLOSE:
		if (len != sizeof(close))
			break;
		memcpy(&close, body, sizeof(close));
		s->host_closing = true;
		say_goodbye(s, (enum reason)close.reason, close.taken);
		break;
	case HOST_DATA:
		s->data_sent = true;
		if (s->state == STATE_SECURED && !s->end_sent &&
		    !channel_send(s->channel, CHANNEL_DATA, body, len))
			channel_failed(s);
		break;
	case HOST_OOB:
		if (s->state == STATE_SECURED)
			channel_send(s->channel, CHANNEL_OOB, body, len);
		break;
	case HOST_GATT:
		if (s->state == STATE_SECURED && s->gatt && len)
			session_gatt_answer(s->gatt, body[0], body + 1,
					    len - 1);
		break;
	case HOST_NOTIFY:
		if (s->state == STATE_SECURED && s->gatt && len >= 2)
			session_gatt_changed(s->gatt, get_le16(body), body + 2,
					     len - 2);
		break;
	case HOST_END:
		if (s->state == STATE_SECURED && !s->end_sent)
			channel_send(s->channel, CHANNEL_CONTROL, &end, 1);
		s->end_sent = true;
		break;
	default:
		break;
	}
}

static void on_host(short ready, void *arg)
{
	struct session *s = arg;
	uint8_t buffer[WORKER_MESSAGE_MAX];
	ssize_t n;

	if ((ready & POLLOUT) && s->holding) {
		deliver(s);
		process(s);
	}
	if (ready & (POLLIN | POLLHUP)) {
		n = recv(s->set->host, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (n > 0)
			take_host(s, buffer[0], buffer + 1, (size_t)n - 1);
		else if (n == 0 || errno != EAGAIN)
			abandon(s, REASON_ERROR, "the parent process has gone");
	}
	pump(s);
}

/* Who said goodbye first awaits the answer, the other that it has arrived. */
static bool answered(const struct session *s)
{
	if (s->closed.reason == REASON_PEER_CLOSED)
		return tunnel_idle(&s->tunnel);
	return s->tls_closed || (!s->host_closing && tunnel_idle(&s->tunnel));
}

/* Done with every event: move what can be moved, and set what to wait for. */
static void pump(struct session *s)
{
	bool full;

	if (s->state == STATE_OVER)
		return;
	if (flush_queue(s))
		send_tunnel(s);
	if (s->state == STATE_OVER)
		return;
	full = s->open && channel_pending(s->channel) > BACKLOG;
	loop_events(s->loop, s->set->link,
		    (short)(POLLIN | (s->queued ? POLLOUT : 0)));
	loop_events(s->loop, s->set->host,
		    (short)((full || s->host_closing ? 0 : POLLIN) |
			    (s->holding ? POLLOUT : 0)));
	if (s->state == STATE_CLOSING && !s->queued &&
	    !channel_pending(s->channel) && !s->ack_now && answered(s))
		over(s);
}

static void prepare(struct session *s)
{
	const uint16_t psm = s->set->psm;
	const struct tunnel_capability capability = {
		.versions = 1,
		.bearers = s->bearer | (psm ? TUNNEL_BEARER_COC : 0),
		.psm = psm,
		.value_max = s->set->sdu_max ? TUNNEL_VALUE_MAX
					     : TUNNEL_ATT_VALUE_MAX,
		.window = TUNNEL_WINDOW,
	};

	s->server = (struct gatt_server){
		.db = &s->db, .mtu = ATT_MTU_DEFAULT,
	};
	if (s->central)
		return;
	s->server.write = on_write;
	s->server.arg = s;
	s->capability_len = TUNNEL_CAPABILITY_SIZE;
	tunnel_capability_write(&capability, s->capability);
	s->handles = gatt_db_peripheral(&s->db, s->set->name, s->capability,
					s->capability_len);
}

/* The peripheral's side of a credit-based channel. */
static void greet(struct session *s)
{
	put(s, s->capability, s->capability_len);
	tell_connected(s, s->set->sdu_max);
	s->open = true;
	s->state = STATE_HANDSHAKE;
	s->started = loop_now();
	tunnel_init(&s->tunnel, s->set->sdu_max, TUNNEL_WINDOW, 0);
}

/*
 * A unix socket that is closed with octets unread resets its peer, which then
 * may not see the alert or the goodbye that we sent.
 */
static void close_link(int fd)
{
	uint8_t pdu[LINK_SDU_MAX];

	shutdown(fd, SHUT_RDWR);
	for (int i = 0; i < 1024; i++)
		if (recv(fd, pdu, sizeof(pdu), MSG_DONTWAIT) <= 0)
			break;
	close(fd);
}

void session_run(const struct session_settings *settings)
{
	struct session *s = calloc(1, sizeof(*s));
	uint8_t req[ATT_MTU_DEFAULT];

	if (!s)
		return;
	s->set = settings;
	s->closed.reason = REASON_COUNT;
	s->central = settings->policy->role == ROLE_CENTRAL;
	s->bearer = settings->sdu_max ? TUNNEL_BEARER_COC : TUNNEL_BEARER_ATT;
	s->loop = loop_new();
	diag_sink(log_sink, s);
	signer_provider_connect(settings->signer, (int)settings->timeout_ms);
	prepare(s);
	s->channel = channel_new(settings->context);
	if (!s->channel || (!s->central && !s->handles.configuration) ||
	    !sandbox_enter()) {
		conclude(s, REASON_ERROR, "cannot prepare its process");
		goto done;
	}
	loop_watch(s->loop, settings->link, POLLIN, on_link, s);
	loop_watch(s->loop, settings->host, POLLIN, on_host, s);
	loop_after(s->loop, &s->deadline, settings->timeout_ms,
		   deadline_passed, s);
	if (s->central && !settings->sdu_max)
		put(s, req, gatt_client_start(&s->client, req));
	if (s->central && settings->timeout_ms > FIRST_ANSWER_MS)
		loop_after(s->loop, &s->answer, FIRST_ANSWER_MS, no_answer, s);
	if (!s->central && settings->sdu_max)
		greet(s);
	if (s->state != STATE_OVER)
		loop_run(s->loop);
done:
	if (s->closed.reason == REASON_COUNT)
		s->closed.reason = REASON_ERROR;
	s->closed.heard = s->heard;
	close_link(settings->link);
	tell(s, WORKER_CLOSED, &s->closed, sizeof(s->closed));
	diag_sink(NULL, NULL);
	session_gatt_free(s->gatt);
	gatt_explorer_free(&s->explorer);
	channel_free(s->channel);
	loop_free(s->loop);
	gatt_db_free(&s->db);
	free(s);
}
