/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session-att.h"

#include <string.h>

#include "att/gatt-signature.h"
#include "base/bytes.h"

#define ATT_ANSWER_MS 30000	/* Vol 3 Part F 3.3.3 */

/* Questions to the parent. */

static void att_put_question(struct session_att *a,
			     const struct worker_gatt *head,
			     const uint8_t *value, size_t len)
{
	session_tell_value(a->s, WORKER_GATT, head, sizeof(*head), value, len);
}

/* Have the parent asked by one of the servers, one question at a time. */
static void att_ask(struct session_att *a, struct session_gatt *from,
		    const struct gatt_external *what)
{
	const struct worker_gatt head = {
		.operation = (uint8_t)what->operation,
		.handle = what->handle, .offset = what->offset,
	};

	if (what->operation == GATT_EXTERNAL_COMMAND) {
		att_put_question(a, &head, what->value, what->len);
		return;
	}
	if (!a->asking) {
		a->asking = from;
		att_put_question(a, &head, what->value, what->len);
		return;
	}
	/* There are two servers, and each has one question at a time. */
	a->waiting = from;
	a->question = head;
	a->question_len = what->len;
	if (what->len)
		memcpy(a->question_value, what->value, what->len);
}

void session_att_answer(struct session_att *a, uint8_t error,
			const uint8_t *value, size_t len)
{
	struct session_gatt *from = a->asking;

	a->asking = a->waiting;
	a->waiting = NULL;
	if (a->asking)
		att_put_question(a, &a->question, a->question_value,
				 a->question_len);
	if (from)
		session_gatt_answer(from, error, value, len);
}

/* The server of the link. */

bool session_att_on_link(const struct session_core *s)
{
	return !s->central && !s->set->sdu_max && s->set->profile &&
	       s->set->profile->expose_link;
}

/* Nobody says when the link's security changes: look each time. */
static void look_at_security(struct session_att *a)
{
	struct gatt_server *server = session_gatt_server(a->plain);
	int level;

	if (!session_att_on_link(a->s))
		return;
	level = link_security(a->link->fd, &server->key_size);
	server->level = level < GATT_LEVEL_OPEN ? GATT_LEVEL_OPEN
						: (uint8_t)level;
}

/* The level that the attribute needs for which a request was refused. */
static uint8_t level_wanted(const struct session_att *a, uint8_t opcode,
			    uint16_t handle)
{
	const struct gatt_attribute *attribute = gatt_db_find(&a->db, handle);

	if (!attribute)
		return 0;
	switch (opcode) {
	case ATT_WRITE_REQ:
	case ATT_PREPARE_WRITE_REQ:
	case ATT_EXECUTE_WRITE_REQ:
		return attribute->write.level;
	default:
		return attribute->read.level;
	}
}

static void att_request_security(struct session_att *a, const uint8_t *error)
{
	const uint8_t level = level_wanted(a, error[1], get_le16(error + 2));

	if (a->s->set->request_security && level >= 2 &&
	    (error[4] == ATT_ECODE_INSUFFICIENT_AUTHENTICATION ||
	     error[4] == ATT_ECODE_INSUFFICIENT_ENCRYPTION))
		session_link_secure(a->link, level);
}

static void att_send_plain(const uint8_t *pdu, size_t len, void *arg)
{
	struct session_att *a = arg;

	session_link_put(a->link, pdu, len);
	if (len == 5 && pdu[0] == ATT_ERROR_RSP)
		att_request_security(a, pdu);
}

static uint8_t att_ask_plain(struct gatt_server *server,
			     const struct gatt_external *what, void *arg)
{
	struct session_att *a = arg;

	(void)server;
	att_ask(a, a->plain, what);
	return 0;
}

/* The parent stores the counter before it learns what was signed. */
static bool att_verify(const uint8_t *message, size_t len,
		       const uint8_t signature[ATT_SIGNATURE_SIZE], void *arg)
{
	struct session_att *a = arg;
	uint32_t counter;

	if (!gatt_signature_verify(a->signing.csrk, message, len, signature,
				   &counter) ||
	    !bond_signing_accepts(&a->signing, counter))
		return false;
	a->signing.next = counter + 1;
	session_tell(a->s, WORKER_SIGNED, &a->signing.next,
		     sizeof(a->signing.next));
	return true;
}

static uint8_t att_on_write(uint16_t handle, const uint8_t *value, size_t len,
			    void *arg)
{
	const struct session_att *a = arg;

	return a->write(handle, value, len, a->arg);
}

bool session_att_prepare(struct session_att *a)
{
	const struct session_settings *set = a->s->set;
	struct session_channel *c = a->channel;
	const bool profile = session_att_on_link(a->s);
	const struct gatt_server server = {
		.db = &a->db,
		.optional = profile,
		.level = GATT_LEVEL_OPEN,
		.ltk = set->ltk,
		.external = profile ? att_ask_plain : NULL,
		.write = a->s->central ? NULL : att_on_write,
		.verify = profile && set->signs && gatt_signature_prepare() ?
			  att_verify : NULL,
		.arg = a,
	};

	a->signing = set->signing;
	a->plain = session_gatt_new(&server, att_send_plain);
	if (!a->plain || a->s->central)
		return a->plain;
	session_channel_prepare(c);
	if (profile && gatt_db_copy(&a->db, &set->profile->db))
		c->handles = gatt_db_tunnel(&a->db, c->capability,
					    c->capability_len);
	else if (!profile)
		c->handles = gatt_db_peripheral(&a->db, set->name,
						c->capability,
						c->capability_len);
	return c->handles.configuration;
}

void session_att_free(struct session_att *a)
{
	session_gatt_free(a->plain);
	session_gatt_free(a->secure);
	gatt_explorer_free(&a->explorer);
	gatt_db_free(&a->db);
}

uint16_t session_att_mtu(struct session_att *a)
{
	return session_gatt_server(a->plain)->mtu;
}

void session_att_set_mtu(struct session_att *a, uint16_t mtu)
{
	session_gatt_server(a->plain)->mtu = mtu;
}

bool session_att_notifies(struct session_att *a)
{
	return gatt_server_configuration(session_gatt_server(a->plain),
					 a->channel->handles.configuration);
}

void session_att_plain(struct session_att *a, const uint8_t *pdu, size_t len)
{
	const char *fault;

	look_at_security(a);
	/* It has come for GATT, and need not begin a session. */
	if (session_att_on_link(a->s) && !a->channel->open &&
	    pdu[0] != ATT_EXCHANGE_MTU_REQ)
		loop_cancel(a->s->loop, &a->s->deadline);
	fault = session_gatt_receive(a->plain, pdu, len);
	if (len == 1 && pdu[0] == ATT_HANDLE_VALUE_CFM)
		loop_cancel(a->s->loop, &a->plain_confirm);
	if (fault)
		session_abandon(a->s, REASON_PROTOCOL, fault);
}

static void changed_plain(struct session_att *a, uint16_t handle,
			  const uint8_t *value, size_t len)
{
	if (!session_att_on_link(a->s))
		return;
	look_at_security(a);
	session_gatt_changed(a->plain, handle, value, len);
}

/* The server in the channel. */

static void att_send_secure(const uint8_t *pdu, size_t len, void *arg)
{
	struct session_att *a = arg;

	session_channel_send(a->channel, CHANNEL_ATT, pdu, len);
}

static uint8_t att_ask_secure(struct gatt_server *server,
			      const struct gatt_external *what, void *arg)
{
	struct session_att *a = arg;

	(void)server;
	att_ask(a, a->secure, what);
	return 0;
}

static bool att_authorize(uint32_t authorization, uint16_t handle, bool writing,
			  void *arg)
{
	const struct session_att *a = arg;

	(void)handle;
	(void)writing;
	return gatt_profile_authorizes(a->s->set->profile, authorization,
				       a->s->set->policy->peer,
				       a->s->set->policy->pin);
}

static void att_serve(struct session_att *a, const uint8_t *pdu, size_t len)
{
	const struct gatt_profile *profile = a->s->set->profile;
	const struct gatt_server server = {
		/* It is our own copy since the fork. */
		.db = profile && profile->expose_channel ?
		      (struct gatt_db *)&profile->db : NULL,
		.optional = true,
		/* TLS with certificates gives no less. */
		.level = GATT_LEVEL_SECURE_CONNECTIONS, .key_size = 16,
		.external = att_ask_secure, .authorize = att_authorize,
		.arg = a,
	};
	const char *fault;

	if (a->s->set->gateway && len && len <= ATT_MTU_OFFERED) {
		session_hold(a->s, WORKER_ATT, pdu, len);
		return;
	}
	if (!a->secure)
		a->secure = session_gatt_new(&server, att_send_secure);
	if (!a->secure)
		fault = "out of memory";
	else if (!len || len > ATT_MTU_OFFERED)
		fault = "it sends an ATT PDU of an impossible length";
	/* We have sent no request to it. */
	else if (!gatt_server_takes(pdu[0]))
		fault = "it sends a response that was not requested";
	else
		fault = session_gatt_receive(a->secure, pdu, len);
	if (len == 1 && pdu[0] == ATT_HANDLE_VALUE_CFM)
		loop_cancel(a->s->loop, &a->confirm);
	if (fault)
		session_finish(a->s, REASON_PROTOCOL, fault);
}

/* Operations on the peer. */

static void att_on_found(const struct gatt_found *found, void *arg)
{
	const struct session_att *a = arg;

	session_tell(a->s, WORKER_FOUND, found, sizeof(*found));
}

static void att_on_result(const struct gatt_result *result, void *arg)
{
	const struct session_att *a = arg;
	const struct worker_result head = {
		.op = (uint32_t)result->op, .status = result->status,
		.handle = result->handle, .uuid = result->uuid,
	};

	session_tell_value(a->s, WORKER_RESULT, &head, sizeof(head),
			   result->value, result->len);
}

/* A PDU has one: if the parent is busy, the next PDU is not read. */
static void att_on_notified(uint16_t handle, const struct gatt_uuid *uuid,
			    bool indication, const uint8_t *value, size_t len,
			    void *arg)
{
	struct session_att *a = arg;
	struct worker_notified head = {
		.handle = handle, .indication = indication,
	};

	if (uuid)
		head.uuid = *uuid;
	memcpy(a->notified, &head, sizeof(head));
	if (len)
		memcpy(a->notified + sizeof(head), value, len);
	session_hold(a->s, WORKER_NOTIFIED, a->notified, sizeof(head) + len);
}

static void att_on_explored(void *arg)
{
	const struct session_att *a = arg;

	session_tell(a->s, WORKER_EXPLORED, NULL, 0);
}

static void att_late(void *arg)
{
	const struct session_att *a = arg;

	session_finish(a->s, REASON_TIMEOUT,
		       "no answer to an ATT request for 30 s");
}

static void send_requests(struct session_att *a)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	size_t len;

	while ((len = gatt_explorer_next(&a->explorer, pdu)))
		att_send_secure(pdu, len, a);
	/* Vol 3 Part F 3.3.3 */
	if (a->explorer.asked)
		loop_after(a->s->loop, &a->answer, ATT_ANSWER_MS, att_late, a);
	else
		loop_cancel(a->s->loop, &a->answer);
}

void session_att_explore(struct session_att *a)
{
	a->explorer = (struct gatt_explorer){
		.ops = a->s->set->ops, .count = a->s->set->op_count, .arg = a,
		.found = att_on_found, .result = att_on_result,
		.notified = att_on_notified, .done = att_on_explored,
	};
	send_requests(a);
}

static void att_explore(struct session_att *a, const uint8_t *pdu, size_t len)
{
	const char *fault = len > ATT_MTU_OFFERED ?
		"it sends an ATT PDU of an impossible length" :
		gatt_explorer_receive(&a->explorer, pdu, len);

	if (fault)
		session_finish(a->s, REASON_PROTOCOL, fault);
	else
		send_requests(a);
}

void session_att_secure(struct session_att *a, const uint8_t *pdu, size_t len)
{
	if (a->s->central)
		att_explore(a, pdu, len);
	else
		att_serve(a, pdu, len);
}

static void unconfirmed(void *arg)
{
	const struct session_att *a = arg;

	session_finish(a->s, REASON_TIMEOUT,
		       "no confirmation of an indication for 30 s");
}

static void unconfirmed_plain(void *arg)
{
	const struct session_att *a = arg;

	session_abandon(a->s, REASON_TIMEOUT,
			"no confirmation of an indication for 30 s");
}

static void att_await(struct session_att *a, struct session_gatt *gatt,
		      struct loop_timer *timer, loop_timer_fn late)
{
	/* The timer was cancelled when the last one was confirmed. */
	if (!gatt || !session_gatt_server(gatt)->indicated)
		loop_cancel(a->s->loop, timer);
	else if (!timer->armed)
		loop_after(a->s->loop, timer, ATT_ANSWER_MS, late, a);
}

void session_att_await(struct session_att *a)
{
	att_await(a, a->secure, &a->confirm, unconfirmed);
	att_await(a, a->plain, &a->plain_confirm, unconfirmed_plain);
}

static void changed_secure(struct session_att *a, uint16_t handle,
			   const uint8_t *value, size_t len)
{
	if (a->secure && a->s->state == STATE_SECURED &&
	    a->s->set->profile->expose_channel)
		session_gatt_changed(a->secure, handle, value, len);
}

void session_att_changed(struct session_att *a, uint16_t handle,
			 const uint8_t *value, size_t len)
{
	changed_secure(a, handle, value, len);
	changed_plain(a, handle, value, len);
}
