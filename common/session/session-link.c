/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The link: PDUs of ATT or SDUs, and the segments of the tunnel in them. */
#include "config.h"
#include "session/session-part.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "channel/channel.h"

#define HEARTBEAT_MS 10000
#define SILENCE_MS 30000
#define PDUS_A_TURN 64
#define ATT_HEADER 3		/* opcode and handle */

/* The link. */

static void link_gone(struct session *s)
{
	/* Who comes for GATT on the link has no other way to go. */
	const bool in_order = s->closed.bye ||
			      (s->state == STATE_LINK && s->heard &&
			       session_plain_profile(s));

	session_check_heard(s, REASON_LINK_LOST);
	session_abandon(s, in_order ? REASON_PEER_CLOSED : REASON_LINK_LOST,
			"");
}

void session_put(struct session *s, const uint8_t *pdu, size_t len)
{
	if (!len || s->state == STATE_OVER)
		return;
	if (!s->queued) {
		if (send(s->set->link, pdu, len, MSG_DONTWAIT | MSG_NOSIGNAL) >=
		    0)
			return;
		if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS &&
		    errno != ENOMEM && !(errno == ENOTCONN && s->securing)) {
			diag_debug("link: send: %s", strerror(errno));
			link_gone(s);
			return;
		}
	}
	if (s->queued == SESSION_QUEUE) {
		session_abandon(s, REASON_PROTOCOL,
				"it asks again before it has its answer");
		return;
	}
	memcpy(s->queue[s->queued], pdu, len);
	s->queue_lens[s->queued++] = len;
}

/* True if the queue is empty after it. */
bool session_flush(struct session *s)
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
			session_put(s, pdu, s->queue_lens[i]);
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
		session_put(s, pdu + ATT_HEADER, n);
	else
		session_put(s, pdu, ATT_HEADER + n);
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
	session_pump(s);
}

/* Out goes what the window and the link allow. */
void session_send_tunnel(struct session *s)
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
		session_process(s);
		session_abandon(s, REASON_PROTOCOL, fault);
		return;
	}
	loop_after(s->loop, &s->silence, SILENCE_MS, session_silent, s);
	/* Later TLS is given all that a turn brings, at once. */
	if (s->state != STATE_SECURED)
		session_process(s);
}

/* The server: a central writes. */
uint8_t session_on_write(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg)
{
	struct session *s = arg;

	if (handle != s->handles.inbound)
		session_process(s);
	if (handle == s->handles.configuration) {
		if (s->open && !get_le16(value))
			session_abandon(s, REASON_PROTOCOL,
					"it disables notifications in a "
					"session");
		return 0;
	}
	if (handle != s->handles.inbound)
		return 0;
	if (!s->open) {
		if (!gatt_server_configuration(session_gatt_server(s->plain),
					       s->handles.configuration)) {
			session_abandon(s, REASON_PROTOCOL,
					"it writes before it has enabled "
					"notifications");
			return 0;
		}
		s->open = true;
		s->state = STATE_HANDSHAKE;
		s->started = loop_now();
		if (!s->deadline.armed)
			session_start_deadline(s);
		tunnel_init(&s->tunnel,
			    att_value_max(session_gatt_server(s->plain)->mtu),
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
	loop_after(s->loop, &s->silence, SILENCE_MS, session_silent, s);
	session_handshake(s);
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
	session_abandon(s, REASON_PROTOCOL,
			"it offers no LE credit-based channel");
	return true;
}

/* The client: a step of the way to the tunnel. */
static void take_response(struct session *s, const uint8_t *pdu, size_t len)
{
	uint8_t req[ATT_MTU_DEFAULT];
	size_t req_len;
	struct tunnel_capability capability = { 0 };
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
		session_abandon(s, REASON_PROTOCOL, fault);
		return;
	}
	session_gatt_server(s->plain)->mtu = s->client.mtu;
	if (s->client.step > GATT_CLIENT_CAPABILITY &&
	    look_elsewhere(s, &capability))
		return;
	if (!s->set->look_for_coc || s->client.step > GATT_CLIENT_CAPABILITY)
		session_tell_connected(s, s->client.mtu);
	session_put(s, req, req_len);
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
	struct tunnel_capability capability = { 0 };
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
		session_abandon(s, REASON_PROTOCOL, fault);
		return;
	}
	s->capability_len = len;
	memcpy(s->capability, sdu, len);
	session_tell_connected(s, s->set->sdu_max);
	open_tunnel(s, &capability, s->set->sdu_max);
}

static void take_pdu(struct session *s, const uint8_t *pdu, size_t len)
{
	const uint8_t confirmation = ATT_HANDLE_VALUE_CFM;
	const uint16_t *mtu = &session_gatt_server(s->plain)->mtu;

	s->heard = true;
	if (gatt_server_takes(pdu[0])) {
		if (!s->central && pdu[0] != ATT_EXCHANGE_MTU_REQ)
			session_tell_connected(s, *mtu);
		session_plain_receive(s, pdu, len);
		if (!s->central)
			session_tell_connected(s, *mtu);
	} else if (pdu[0] == ATT_HANDLE_VALUE_NTF) {
		if (s->central && s->open && len >= 3 &&
		    get_le16(pdu + 1) == s->handles.outbound)
			take_segment(s, pdu + 3, len - 3);
	} else if (pdu[0] == ATT_HANDLE_VALUE_IND) {
		session_put(s, &confirmation, 1);
	} else if (s->central) {
		take_response(s, pdu, len);
	}
}

void session_on_link(short ready, void *arg)
{
	struct session *s = arg;
	const ssize_t max = s->set->sdu_max ? LINK_SDU_MAX : ATT_MTU_OFFERED;
	uint8_t pdu[LINK_SDU_MAX];

	for (int i = 0; i < PDUS_A_TURN && s->state != STATE_OVER; i++) {
		ssize_t n = recv(s->set->link, pdu, sizeof(pdu),
				 MSG_DONTWAIT | MSG_TRUNC);

		/* Of Bluetooth's sockets, the end is told only once. */
		if (n < 0 && errno == EAGAIN &&
		    (s->reset || (ready & POLLHUP))) {
			link_gone(s);
			break;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n <= 0 || n > max) {
			const int error = errno;

			session_process(s);
			errno = error;
		}
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
				session_abandon(s, REASON_PROTOCOL,
						"it sends an empty PDU");
		} else if (n > max) {
			session_abandon(s, REASON_PROTOCOL,
					"it sends a PDU longer than the MTU");
		} else if (s->set->sdu_max) {
			take_sdu(s, pdu, (size_t)n);
		} else {
			take_pdu(s, pdu, (size_t)n);
		}
	}
	session_process(s);
	session_pump(s);
}

/* The peripheral's side of a credit-based channel. */
void session_greet(struct session *s)
{
	session_put(s, s->capability, s->capability_len);
	session_tell_connected(s, s->set->sdu_max);
	s->open = true;
	s->state = STATE_HANDSHAKE;
	s->started = loop_now();
	tunnel_init(&s->tunnel, s->set->sdu_max, TUNNEL_WINDOW, 0);
}
