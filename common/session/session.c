/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/socket.h>

#include "base/bytes.h"
#include "process/child.h"
#include "process/sandbox.h"
#include "session/session-part.h"
#include "key/signer-provider.h"

#define GOODBYE_MS 2000
#define FIRST_ANSWER_MS 4000	/* to the Exchange MTU Request */
#define BACKLOG 16384		/* TLS octets waiting: no more is taken */
#define HOST_POST_MAX 256	/* messages that wait for the process */

_Static_assert(CHANNEL_MESSAGE_MAX <= WORKER_BODY_MAX, "one in the other");

void session_tell(struct session *s, uint8_t type, const void *body,
		  size_t len)
{
	worker_tell(s->set->host, type, body, len);
}

void session_tell_value(struct session *s, uint8_t type,
			const void *head, size_t head_len, const void *value,
			size_t len)
{
	uint8_t body[WORKER_HEAD_MAX + ATT_VALUE_MAX];

	memcpy(body, head, head_len);
	if (len)
		memcpy(body + head_len, value, len);
	session_tell(s, type, body, head_len + len);
}

static void over(struct session *s)
{
	s->state = STATE_OVER;
	loop_stop(s->loop, 0);
}

void session_conclude(struct session *s, enum reason reason, const char *words)
{
	if (s->closed.words[0] || s->closed.reason != REASON_COUNT)
		return;
	s->closed.reason = (uint8_t)reason;
	snprintf(s->closed.words, sizeof(s->closed.words), "%s", words);
}

void session_abandon(struct session *s, enum reason reason, const char *words)
{
	session_conclude(s, reason, words);
	over(s);
}

void session_check_heard(struct session *s, enum reason reason)
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

void session_finish(struct session *s, enum reason reason, const char *words)
{
	if (s->state >= STATE_CLOSING)
		return;
	session_conclude(s, reason, words);
	s->state = STATE_CLOSING;
	loop_cancel(s->loop, &s->deadline);
	/* Who is done has time for a peer that is slow, if not silent. */
	if (reason != REASON_DONE || !s->data_sent)
		loop_after(s->loop, &s->goodbye, GOODBYE_MS, goodbye_over, s);
}

void session_channel_failed(struct session *s)
{
	const char *words;
	enum reason reason = channel_fault(s->channel, &words);

	session_finish(s, reason, words);
}

void session_send(struct session *s, enum channel_type type, const void *body,
		  size_t len)
{
	if (!channel_send(s->channel, type, body, len))
		session_channel_failed(s);
}

static void say_goodbye(struct session *s, enum reason reason, uint32_t taken)
{
	uint8_t body[6] = { CHANNEL_BYE, CHANNEL_BYE_FAILED };

	if (s->state != STATE_SECURED) {
		session_abandon(s, reason, "");
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
	else if (reason == REASON_PERIPHERAL)
		body[1] = CHANNEL_BYE_PERIPHERAL;
	else if (reason == REASON_REVOKED)
		body[1] = CHANNEL_BYE_REVOKED;
	put_le32(body + 2, taken);
	session_send(s, CHANNEL_CONTROL, body, sizeof(body));
	channel_close(s->channel);
	session_finish(s, s->closed.bye ? REASON_PEER_CLOSED : reason, "");
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
		session_abandon(s, REASON_TIMEOUT,
				"no answer to an ATT request");
	else if (s->state < STATE_SECURED)
		session_abandon(s, REASON_TIMEOUT, waits[s->state]);
}

void session_start_deadline(struct session *s)
{
	loop_after(s->loop, &s->deadline, s->set->timeout_ms, deadline_passed,
		   s);
}

static void no_answer(void *arg)
{
	session_abandon(arg, REASON_TIMEOUT, "no answer on a new link");
}

void session_silent(void *arg)
{
	struct session *s = arg;

	session_check_heard(s, REASON_SILENT);
	session_abandon(s, REASON_SILENT,
			"nothing heard from the peer for 30 s");
}

/* The parent. */

static void deliver(struct session *s)
{
	int sent = worker_send(&s->host, s->held_type, s->held, s->held_len);

	s->holding = sent == 0;
	loop_events(s->loop, s->set->host,
		    (short)(POLLIN | (s->holding ? POLLOUT : 0)));
	if (sent < 0)
		session_abandon(s, REASON_ERROR, "the parent process has gone");
}

void session_hold(struct session *s, uint8_t type, const uint8_t *body,
		  size_t len)
{
	s->held_type = type;
	s->held = body;
	s->held_len = len;
	deliver(s);
}

static void on_close(void *arg, const uint8_t *body, size_t len)
{
	const struct host_close *close = (const void *)body;
	struct session *s = arg;

	(void)len;
	s->host_closing = true;
	say_goodbye(s, (enum reason)close->reason, close->taken);
}

static void on_data(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	s->data_sent = true;
	if (s->state == STATE_SECURED && !s->end_sent)
		session_send(s, CHANNEL_DATA, body, len);
}

static void on_oob(void *arg, const uint8_t *body, size_t len)
{
	session_send(arg, CHANNEL_OOB, body, len);
}

static void on_gatt(void *arg, const uint8_t *body, size_t len)
{
	session_answered(arg, body[0], body + 1, len - 1);
}

static void on_notify(void *arg, const uint8_t *body, size_t len)
{
	session_att_changed(arg, get_le16(body), body + 2, len - 2);
	session_plain_changed(arg, get_le16(body), body + 2, len - 2);
}

static void on_att(void *arg, const uint8_t *body, size_t len)
{
	session_send(arg, CHANNEL_ATT, body, len);
}

static void on_peripheral(void *arg, const uint8_t *body, size_t len)
{
	const uint8_t peripheral[2] = { CHANNEL_PERIPHERAL, body[0] };

	(void)len;
	session_send(arg, CHANNEL_CONTROL, peripheral, sizeof(peripheral));
}

static void on_end(void *arg, const uint8_t *body, size_t len)
{
	static const uint8_t end = CHANNEL_END;
	struct session *s = arg;

	(void)body;
	(void)len;
	if (!s->end_sent)
		session_send(s, CHANNEL_CONTROL, &end, 1);
	s->end_sent = true;
}

static const worker_handler session_handlers[MESSAGE_COUNT] = {
	[HOST_DATA] = on_data,
	[HOST_END] = on_end,
	[HOST_OOB] = on_oob,
	[HOST_GATT] = on_gatt,
	[HOST_NOTIFY] = on_notify,
	[HOST_ATT] = on_att,
	[HOST_PERIPHERAL] = on_peripheral,
	[HOST_CLOSE] = on_close,
};

static const struct worker_receiver session_receiver = {
	messages, session_handlers, MESSAGE_COUNT, MESSAGE_FROM_HOST,
};

static enum message_state message_state(const struct session *s)
{
	if (s->state > STATE_SECURED)
		return MESSAGE_CLOSING;
	return s->state == STATE_SECURED ? MESSAGE_SECURED : MESSAGE_UNSECURED;
}

/* So much is on its way that nothing is to be taken from the parent. */
static bool is_full(const struct session *s)
{
	return (s->open && channel_pending(s->channel) > BACKLOG) ||
	       (s->queued && session_plain_profile(s));
}

static void on_host(short ready, void *arg)
{
	struct session *s = arg;
	int result;

	if ((ready & POLLOUT) && s->holding) {
		deliver(s);
		session_process(s);
	}
	/* Together, so that they fill segments. */
	while ((ready & (POLLIN | POLLHUP)) && s->state != STATE_OVER) {
		result = worker_receive(&s->host, &session_receiver,
					message_state(s), s);
		if (result == WORKER_NOTHING)
			break;
		if (result == WORKER_REFUSED)
			session_abandon(s, REASON_ERROR,
					"the parent process has gone");
		if (!s->open || s->host_closing || is_full(s))
			break;
	}
	session_pump(s);
}

/* Who said goodbye first awaits the answer, the other that it has arrived. */
static bool answered(const struct session *s)
{
	if (s->closed.reason == REASON_PEER_CLOSED)
		return tunnel_idle(&s->tunnel);
	return s->tls_closed || (!s->host_closing && tunnel_idle(&s->tunnel));
}

void session_pump(struct session *s)
{
	if (s->state == STATE_OVER)
		return;
	if (session_flush(s))
		session_send_tunnel(s);
	if (s->state == STATE_OVER)
		return;
	session_await_confirmation(s);
	loop_events(s->loop, s->set->link,
		    (short)(POLLIN | (s->queued ? POLLOUT : 0)));
	loop_events(s->loop, s->set->host,
		    (short)((is_full(s) || s->host_closing ? 0 : POLLIN) |
			    (s->holding ? POLLOUT : 0)));
	if (s->state == STATE_CLOSING && !s->queued &&
	    !channel_pending(s->channel) && !s->ack_now && answered(s))
		over(s);
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

static void session_run(const struct session_settings *settings)
{
	struct session *s = calloc(1, sizeof(*s));
	uint8_t req[ATT_MTU_DEFAULT];

	if (!s)
		die(STATUS_OTHER, "out of memory");
	s->set = settings;
	s->host.fd = settings->host;
	s->closed.reason = REASON_COUNT;
	s->central = settings->policy->role == ROLE_CENTRAL;
	s->bearer = settings->sdu_max ? TUNNEL_BEARER_COC : TUNNEL_BEARER_ATT;
	s->loop = loop_new();
	worker_diag(settings->host, WORKER_LOG);
	signer_provider_connect(settings->signer, (int)settings->timeout_ms);
	s->channel = channel_new(settings->context);
	if (!s->channel || !session_plain_prepare(s) ||
	    !sandbox_enter(SANDBOX_PEER)) {
		session_conclude(s, REASON_ERROR, "cannot prepare its process");
		goto done;
	}
	loop_watch(s->loop, settings->link, POLLIN, session_on_link, s);
	loop_watch(s->loop, settings->host, POLLIN, on_host, s);
	session_start_deadline(s);
	if (s->central && !settings->sdu_max)
		session_put(s, req, gatt_client_start(&s->client, req));
	if (s->central && settings->timeout_ms > FIRST_ANSWER_MS)
		loop_after(s->loop, &s->answer, FIRST_ANSWER_MS, no_answer, s);
	if (!s->central && settings->sdu_max)
		session_greet(s);
	if (s->state != STATE_OVER)
		loop_run(s->loop);
done:
	if (s->closed.reason == REASON_COUNT)
		s->closed.reason = REASON_ERROR;
	s->closed.heard = s->heard;
	close_link(settings->link);
	session_tell(s, WORKER_CLOSED, &s->closed, sizeof(s->closed));
	diag_sink(NULL, NULL);
	session_gatt_free(s->plain);
	session_gatt_free(s->gatt);
	gatt_explorer_free(&s->explorer);
	channel_free(s->channel);
	loop_free(s->loop);
	gatt_db_free(&s->db);
	free(s);
}

static void run_process(int host, const void *arg)
{
	struct session_settings session = *(const struct session_settings *)arg;
	const int fds[] = { host, session.link, session.signer };

	session.host = CHILD_FD;
	session.link = CHILD_FD + 1;
	session.signer = CHILD_FD + 2;
	child_settle("blesec-peer", fds, 3);
	session_run(&session);
}

int session_start(struct worker *worker,
		  const struct session_settings *settings)
{
	int result = worker_spawn(worker, HOST_POST_MAX, run_process, settings);

	close(settings->link);
	close(settings->signer);
	return result;
}
