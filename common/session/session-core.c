/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session-core.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"

void session_tell(struct session_core *s, uint8_t type, const void *body,
		  size_t len)
{
	worker_tell(s->host.fd, type, body, len);
}

void session_tell_value(struct session_core *s, uint8_t type,
			const void *head, size_t head_len, const void *value,
			size_t len)
{
	uint8_t body[WORKER_HEAD_MAX + ATT_VALUE_MAX];

	memcpy(body, head, head_len);
	if (len)
		memcpy(body + head_len, value, len);
	session_tell(s, type, body, head_len + len);
}

void session_deliver(struct session_core *s)
{
	int sent = worker_send(&s->host, s->held_type, s->held, s->held_len);

	s->holding = sent == 0;
	loop_events(s->loop, s->host.fd,
		    (short)(POLLIN | (s->holding ? POLLOUT : 0)));
	if (sent < 0)
		session_abandon(s, REASON_ERROR, "the parent process has gone");
}

void session_hold(struct session_core *s, uint8_t type, const uint8_t *body,
		  size_t len)
{
	s->held_type = type;
	s->held = body;
	s->held_len = len;
	session_deliver(s);
}

void session_over(struct session_core *s)
{
	s->state = STATE_OVER;
	loop_stop(s->loop, 0);
}

void session_conclude(struct session_core *s, enum reason reason,
		      const char *words)
{
	if (s->closed.words[0] || s->closed.reason != REASON_COUNT)
		return;
	s->closed.reason = (uint8_t)reason;
	snprintf(s->closed.words, sizeof(s->closed.words), "%s", words);
}

void session_abandon(struct session_core *s, enum reason reason,
		     const char *words)
{
	session_conclude(s, reason, words);
	session_over(s);
}

void session_check_heard(struct session_core *s, enum reason reason)
{
	if (s->closed.reason != REASON_DONE || s->closed.bye || !s->data_sent)
		return;
	s->closed.reason = (uint8_t)reason;
	snprintf(s->closed.words, sizeof(s->closed.words),
		 "it did not confirm that it has taken everything");
}

static void core_goodbye_over(void *arg)
{
	session_over(arg);
}

void session_finish(struct session_core *s, enum reason reason,
		    const char *words)
{
	if (s->state >= STATE_CLOSING)
		return;
	session_conclude(s, reason, words);
	s->state = STATE_CLOSING;
	loop_cancel(s->loop, &s->deadline);
	/* A peer that is still taking data may be slow, but not silent. */
	if (reason != REASON_DONE || !s->data_sent)
		loop_after(s->loop, &s->goodbye, SESSION_GOODBYE_MS,
			   core_goodbye_over, s);
}

static void core_deadline_passed(void *arg)
{
	static const char *const waits[] = {
		[STATE_LINK] = "no session was begun in time",
		[STATE_HANDSHAKE] = "the TLS handshake did not end in time",
		[STATE_READY] = "the peer was not ready in time",
	};
	struct session_core *s = arg;

	if (s->central && s->state == STATE_LINK)
		session_abandon(s, REASON_TIMEOUT,
				"no answer to an ATT request");
	else if (s->state < STATE_SECURED)
		session_abandon(s, REASON_TIMEOUT, waits[s->state]);
}

void session_start_deadline(struct session_core *s)
{
	loop_after(s->loop, &s->deadline, s->set->timeout_ms,
		   core_deadline_passed, s);
}
