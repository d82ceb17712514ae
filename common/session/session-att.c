/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ATT in the channel: a server's answers, or operations on the peer. */
#include "config.h"
#include "session/session-part.h"

#include <string.h>

#include "channel/channel.h"

#define ATT_ANSWER_MS 30000	/* Vol 3 Part F 3.3.3 */

/* Secured GATT. */

static void send_att(const uint8_t *pdu, size_t len, void *arg)
{
	struct session *s = arg;

	session_send(s, CHANNEL_ATT, pdu, len);
}

static void put_question(struct session *s, const struct worker_gatt *head,
			 const uint8_t *value, size_t len)
{
	session_tell_value(s, WORKER_GATT, head, sizeof(*head), value, len);
}

void session_ask(struct session *s, struct session_gatt *from,
		 const struct gatt_external *what)
{
	const struct worker_gatt head = {
		.operation = (uint8_t)what->operation,
		.handle = what->handle, .offset = what->offset,
	};

	if (what->operation == GATT_EXTERNAL_COMMAND) {
		put_question(s, &head, what->value, what->len);
		return;
	}
	if (!s->asking) {
		s->asking = from;
		put_question(s, &head, what->value, what->len);
		return;
	}
	/* There are two servers, and each asks once at a time. */
	s->waiting = from;
	s->question = head;
	s->question_len = what->len;
	if (what->len)
		memcpy(s->question_value, what->value, what->len);
}

void session_answered(struct session *s, uint8_t error, const uint8_t *value,
		      size_t len)
{
	struct session_gatt *from = s->asking;

	s->asking = s->waiting;
	s->waiting = NULL;
	if (s->asking)
		put_question(s, &s->question, s->question_value,
			     s->question_len);
	if (from)
		session_gatt_answer(from, error, value, len);
}

static uint8_t ask(struct gatt_server *server,
		   const struct gatt_external *what, void *arg)
{
	struct session *s = arg;

	(void)server;
	session_ask(s, s->gatt, what);
	return 0;
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

static void serve(struct session *s, const uint8_t *pdu, size_t len)
{
	const struct gatt_profile *profile = s->set->profile;
	const struct gatt_server server = {
		/* It is ours since the fork. */
		.db = profile && profile->expose_channel ?
		      (struct gatt_db *)&profile->db : NULL,
		.optional = true,
		/* What TLS with certificates gives is no less. */
		.level = GATT_LEVEL_SECURE_CONNECTIONS, .key_size = 16,
		.external = ask, .authorize = authorize, .arg = s,
	};
	const char *fault;

	if (s->set->gateway && len && len <= ATT_MTU_OFFERED) {
		session_hold(s, WORKER_ATT, pdu, len);
		return;
	}
	if (!s->gatt)
		s->gatt = session_gatt_new(&server, send_att);
	if (!s->gatt)
		fault = "out of memory";
	else if (!len || len > ATT_MTU_OFFERED)
		fault = "it sends an ATT PDU of an impossible length";
	/* Nothing is asked of it here. */
	else if (!gatt_server_takes(pdu[0]))
		fault = "it answers what was not asked";
	else
		fault = session_gatt_receive(s->gatt, pdu, len);
	if (len == 1 && pdu[0] == ATT_HANDLE_VALUE_CFM)
		loop_cancel(s->loop, &s->confirm);
	if (fault)
		session_finish(s, REASON_PROTOCOL, fault);
}

/* Operations on the peer. */

static void on_found(const struct gatt_found *found, void *arg)
{
	session_tell(arg, WORKER_FOUND, found, sizeof(*found));
}

static void on_result(const struct gatt_result *result, void *arg)
{
	const struct worker_result head = {
		.op = (uint32_t)result->op, .status = result->status,
		.handle = result->handle, .uuid = result->uuid,
	};

	session_tell_value(arg, WORKER_RESULT, &head, sizeof(head),
			   result->value, result->len);
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
	session_hold(s, WORKER_NOTIFIED, s->notified, sizeof(head) + len);
}

static void on_explored(void *arg)
{
	session_tell(arg, WORKER_EXPLORED, NULL, 0);
}

static void att_late(void *arg)
{
	session_finish(arg, REASON_TIMEOUT,
		       "no answer to an ATT request for 30 s");
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

void session_start_exploring(struct session *s)
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
		session_finish(s, REASON_PROTOCOL, fault);
	else
		send_requests(s);
}

void session_take_att(struct session *s, const uint8_t *pdu, size_t len)
{
	if (s->central)
		explore(s, pdu, len);
	else
		serve(s, pdu, len);
}

static void unconfirmed(void *arg)
{
	session_finish(arg, REASON_TIMEOUT,
		       "no confirmation of an indication for 30 s");
}

static void unconfirmed_plain(void *arg)
{
	session_abandon(arg, REASON_TIMEOUT,
			"no confirmation of an indication for 30 s");
}

static void await(struct session *s, struct session_gatt *gatt,
		  struct loop_timer *timer, loop_timer_fn late)
{
	/* What is armed was cancelled when the last was confirmed. */
	if (!gatt || !session_gatt_server(gatt)->indicated)
		loop_cancel(s->loop, timer);
	else if (!timer->armed)
		loop_after(s->loop, timer, ATT_ANSWER_MS, late, s);
}

void session_await_confirmation(struct session *s)
{
	await(s, s->gatt, &s->confirm, unconfirmed);
	await(s, s->plain, &s->plain_confirm, unconfirmed_plain);
}

void session_att_changed(struct session *s, uint16_t handle,
			 const uint8_t *value, size_t len)
{
	if (s->gatt && s->state == STATE_SECURED &&
	    s->set->profile->expose_channel)
		session_gatt_changed(s->gatt, handle, value, len);
}
