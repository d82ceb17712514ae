/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "session/session.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "att/gatt-client.h"
#include "base/bytes.h"
#include "key/signer-provider.h"
#include "process/child.h"
#include "process/sandbox.h"
#include "session/session-att.h"
#include "session/session-channel.h"
#include "session/session-link.h"

#define FIRST_ANSWER_MS 4000	/* to the Exchange MTU Request */
#define BACKLOG 16384		/* TLS octets waiting: no more is taken */
#define HOST_POST_MAX 256	/* messages that wait for the process */

struct session {
	struct session_core core;
	struct session_link link;
	struct session_channel channel;
	struct session_att att;
	struct gatt_client client;	/* a central looks for the tunnel */
	struct loop_timer answer;	/* the first one, on a new link */
	bool told_connected;
};

/* Before there is a tunnel. */

static void tell_connected(struct session *s, uint16_t mtu)
{
	struct worker_connected connected = { .mtu = mtu };

	if (!s->told_connected)
		session_tell(&s->core, WORKER_CONNECTED, &connected,
			     sizeof(connected));
	s->told_connected = true;
}

static void session_no_answer(void *arg)
{
	struct session *s = arg;

	session_abandon(&s->core, REASON_TIMEOUT, "no answer on a new link");
}

/* A central writes to the tunnel's service. */
static uint8_t session_on_write(uint16_t handle, const uint8_t *value,
				size_t len, void *arg)
{
	struct session *s = arg;
	struct session_channel *c = &s->channel;

	if (handle != c->handles.inbound)
		session_channel_take(c);
	if (handle == c->handles.configuration) {
		if (c->open && !get_le16(value))
			session_abandon(&s->core, REASON_PROTOCOL,
					"it disables notifications in a "
					"session");
		return 0;
	}
	if (handle != c->handles.inbound)
		return 0;
	if (!c->open) {
		if (!session_att_notifies(&s->att)) {
			session_abandon(&s->core, REASON_PROTOCOL,
					"it writes before it has enabled "
					"notifications");
			return 0;
		}
		session_channel_accept(c, session_channel_value_max(
			session_att_mtu(&s->att)));
		if (!s->core.deadline.armed)
			session_start_deadline(&s->core);
	}
	session_channel_segment(c, value, len);
	return 0;
}

/* True if not this link is to be used, but the channel at a PSM, or none. */
static bool look_elsewhere(struct session *s,
			   const struct tunnel_capability *capability)
{
	const struct session_settings *set = s->core.set;

	if (!set->look_for_coc)
		return false;
	if ((capability->bearers & TUNNEL_BEARER_COC) &&
	    capability->psm >= LINK_PSM_MIN && capability->psm <= LINK_PSM_MAX)
		s->core.closed.psm = capability->psm;
	else if (!set->need_coc)
		return false;
	session_abandon(&s->core, REASON_PROTOCOL,
			"it offers no LE credit-based channel");
	return true;
}

static void open_channel(struct session *s,
			 const struct tunnel_capability *capability,
			 const uint8_t *value, size_t len, uint16_t value_max)
{
	s->channel.capability_len = len;
	memcpy(s->channel.capability, value, len);
	session_channel_open(&s->channel, capability, value_max);
}

/* The client's next step on the way to the tunnel. */
static void session_take_response(struct session *s, const uint8_t *pdu,
				  size_t len)
{
	const struct session_settings *set = s->core.set;
	struct gatt_client *client = &s->client;
	uint8_t req[ATT_MTU_DEFAULT];
	size_t req_len;
	struct tunnel_capability capability = { 0 };
	const char *fault;

	if (client->step == GATT_CLIENT_DONE)
		return;
	loop_cancel(s->core.loop, &s->answer);
	fault = gatt_client_response(client, pdu, len, req, &req_len);
	if (!fault && client->step > GATT_CLIENT_CAPABILITY)
		fault = tunnel_capability_read(client->capability,
			client->capability_len, TUNNEL_BEARER_ATT, &capability);
	if (fault) {
		/* Another program may have ATT there. */
		if (client->step == GATT_CLIENT_SERVICE && set->need_coc)
			s->core.closed.psm = LINK_PSM;
		session_abandon(&s->core, REASON_PROTOCOL, fault);
		return;
	}
	session_att_set_mtu(&s->att, client->mtu);
	if (client->step > GATT_CLIENT_CAPABILITY &&
	    look_elsewhere(s, &capability))
		return;
	if (!set->look_for_coc || client->step > GATT_CLIENT_CAPABILITY)
		tell_connected(s, client->mtu);
	session_link_put(&s->link, req, req_len);
	if (client->step != GATT_CLIENT_DONE)
		return;
	s->channel.handles = client->handles;
	open_channel(s, &capability, client->capability,
		     client->capability_len,
		     session_channel_value_max(client->mtu));
}

/* A credit-based channel: the peripheral begins with its capability. */
static void session_take_sdu(struct session *s, const uint8_t *sdu, size_t len)
{
	struct tunnel_capability capability = { 0 };
	const char *fault;

	if (s->channel.open) {
		session_channel_segment(&s->channel, sdu, len);
		return;
	}
	loop_cancel(s->core.loop, &s->answer);
	fault = len > sizeof(s->channel.capability) ?
		"its capability value has a wrong length" :
		tunnel_capability_read(sdu, len, s->channel.bearer,
				       &capability);
	if (fault) {
		session_abandon(&s->core, REASON_PROTOCOL, fault);
		return;
	}
	tell_connected(s, s->core.set->sdu_max);
	open_channel(s, &capability, sdu, len, s->core.set->sdu_max);
}

static void session_take_pdu(struct session *s, const uint8_t *pdu, size_t len)
{
	const uint8_t confirmation = ATT_HANDLE_VALUE_CFM;
	const bool central = s->core.central;

	if (gatt_server_takes(pdu[0])) {
		if (!central && pdu[0] != ATT_EXCHANGE_MTU_REQ)
			tell_connected(s, session_att_mtu(&s->att));
		session_att_plain(&s->att, pdu, len);
		if (!central)
			tell_connected(s, session_att_mtu(&s->att));
	} else if (pdu[0] == ATT_HANDLE_VALUE_NTF) {
		if (central && s->channel.open && len >= 3 &&
		    get_le16(pdu + 1) == s->channel.handles.outbound)
			session_channel_segment(&s->channel, pdu + 3, len - 3);
	} else if (pdu[0] == ATT_HANDLE_VALUE_IND) {
		session_link_put(&s->link, &confirmation, 1);
	} else if (central) {
		session_take_response(s, pdu, len);
	}
}

/* The peripheral's side of a credit-based channel. */
static void session_greet(struct session *s)
{
	session_link_put(&s->link, s->channel.capability,
			 s->channel.capability_len);
	tell_connected(s, s->core.set->sdu_max);
	session_channel_accept(&s->channel, s->core.set->sdu_max);
}

/* After every event. */

/* Too much is on its way to the peer: take no more from the parent. */
static bool session_is_full(const struct session *s)
{
	return (s->channel.open &&
		channel_pending(s->channel.channel) > BACKLOG) ||
	       (s->link.queued && session_att_on_link(&s->core));
}

/* Move what can be moved, and set what to wait for. */
static void session_pump(struct session *s)
{
	struct session_core *core = &s->core;

	if (core->state == STATE_OVER)
		return;
	if (session_link_flush(&s->link))
		session_channel_flush(&s->channel);
	if (core->state == STATE_OVER)
		return;
	session_att_await(&s->att);
	loop_events(core->loop, s->link.fd,
		    (short)(POLLIN | (s->link.queued ? POLLOUT : 0)));
	loop_events(core->loop, core->host.fd,
		    (short)((core->host_closing || session_is_full(s) ?
			     0 : POLLIN) | (core->holding ? POLLOUT : 0)));
	if (core->state == STATE_CLOSING && !s->link.queued &&
	    session_channel_idle(&s->channel))
		session_over(core);
}

/* Calls of the link. */

static void link_receive(void *arg, const uint8_t *pdu, size_t len)
{
	struct session *s = arg;

	if (s->core.set->sdu_max)
		session_take_sdu(s, pdu, len);
	else
		session_take_pdu(s, pdu, len);
}

static void link_take(void *arg)
{
	struct session *s = arg;

	session_channel_take(&s->channel);
}

static void link_gone(void *arg)
{
	struct session *s = arg;
	struct session_core *core = &s->core;
	/* A central that comes for GATT on the link has no other way to go. */
	const bool in_order = core->closed.bye ||
			      (core->state == STATE_LINK && s->link.heard &&
			       session_att_on_link(core));

	session_check_heard(core, REASON_LINK_LOST);
	session_abandon(core, in_order ? REASON_PEER_CLOSED : REASON_LINK_LOST,
			"");
}

static void link_done(void *arg)
{
	session_pump(arg);
}

static const struct session_link_ops link_ops = {
	.receive = link_receive, .take = link_take, .gone = link_gone,
	.done = link_done,
};

/* Calls of the channel. */

static void channel_secured(void *arg)
{
	struct session *s = arg;

	if (s->core.set->op_count)
		session_att_explore(&s->att);
}

static void channel_att(void *arg, const uint8_t *pdu, size_t len)
{
	struct session *s = arg;

	session_att_secure(&s->att, pdu, len);
}

static void channel_done(void *arg)
{
	session_pump(arg);
}

static const struct session_channel_ops channel_ops = {
	.secured = channel_secured, .att = channel_att, .done = channel_done,
};

/* Messages of the parent. */

static void host_close(void *arg, const uint8_t *body, size_t len)
{
	const struct host_close *close = (const void *)body;
	struct session *s = arg;

	(void)len;
	s->core.host_closing = true;
	session_channel_goodbye(&s->channel, (enum reason)close->reason,
				close->taken);
}

static void host_data(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	s->core.data_sent = true;
	if (s->core.state == STATE_SECURED && !s->channel.end_sent)
		session_channel_send(&s->channel, CHANNEL_DATA, body, len);
}

static void host_oob(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	session_channel_send(&s->channel, CHANNEL_OOB, body, len);
}

static void host_gatt(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	session_att_answer(&s->att, body[0], body + 1, len - 1);
}

static void host_notify(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	session_att_changed(&s->att, get_le16(body), body + 2, len - 2);
}

static void host_att(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	session_channel_send(&s->channel, CHANNEL_ATT, body, len);
}

static void host_peripheral(void *arg, const uint8_t *body, size_t len)
{
	const uint8_t peripheral[2] = { CHANNEL_PERIPHERAL, body[0] };
	struct session *s = arg;

	(void)len;
	session_channel_send(&s->channel, CHANNEL_CONTROL, peripheral,
			     sizeof(peripheral));
}

static void host_end(void *arg, const uint8_t *body, size_t len)
{
	struct session *s = arg;

	(void)body;
	(void)len;
	session_channel_end(&s->channel);
}

static const worker_handler session_handlers[MESSAGE_COUNT] = {
	[HOST_DATA] = host_data,
	[HOST_END] = host_end,
	[HOST_OOB] = host_oob,
	[HOST_GATT] = host_gatt,
	[HOST_NOTIFY] = host_notify,
	[HOST_ATT] = host_att,
	[HOST_PERIPHERAL] = host_peripheral,
	[HOST_CLOSE] = host_close,
};

static const struct worker_receiver session_receiver = {
	messages, session_handlers, MESSAGE_COUNT, MESSAGE_FROM_HOST,
};

static enum message_state message_state(const struct session *s)
{
	if (s->core.state > STATE_SECURED)
		return MESSAGE_CLOSING;
	return s->core.state == STATE_SECURED ? MESSAGE_SECURED
					      : MESSAGE_UNSECURED;
}

static void session_on_host(short ready, void *arg)
{
	struct session *s = arg;
	struct session_core *core = &s->core;
	int result;

	if ((ready & POLLOUT) && core->holding) {
		session_deliver(core);
		session_channel_take(&s->channel);
	}
	/* Take several messages together, so that they fill segments. */
	while ((ready & (POLLIN | POLLHUP)) && core->state != STATE_OVER) {
		result = worker_receive(&core->host, &session_receiver,
					message_state(s), s);
		if (result == WORKER_NOTHING)
			break;
		if (result == WORKER_REFUSED)
			session_abandon(core, REASON_ERROR,
					"the parent process has gone");
		if (!s->channel.open || core->host_closing ||
		    session_is_full(s))
			break;
	}
	session_pump(s);
}

/* The process. */

static struct session *session_new(const struct session_settings *settings)
{
	struct session *s = calloc(1, sizeof(*s));
	struct session_core *core;

	if (!s)
		die(STATUS_OTHER, "out of memory");
	core = &s->core;
	core->set = settings;
	core->central = settings->policy->role == ROLE_CENTRAL;
	core->loop = loop_new();
	core->host.fd = settings->host;
	core->closed.reason = REASON_COUNT;
	s->link.s = s->channel.s = s->att.s = core;
	s->link.fd = settings->link;
	s->link.ops = &link_ops;
	s->channel.ops = &channel_ops;
	s->channel.link = s->att.link = &s->link;
	s->channel.bearer = settings->sdu_max ? TUNNEL_BEARER_COC
					      : TUNNEL_BEARER_ATT;
	s->att.channel = &s->channel;
	s->att.write = session_on_write;
	s->link.arg = s->channel.arg = s->att.arg = s;
	return s;
}

static void session_free(struct session *s)
{
	session_att_free(&s->att);
	channel_free(s->channel.channel);
	loop_free(s->core.loop);
	free(s);
}

static void session_live(struct session *s)
{
	struct session_core *core = &s->core;
	const struct session_settings *set = core->set;
	uint8_t req[ATT_MTU_DEFAULT];

	session_link_start(&s->link);
	loop_watch(core->loop, core->host.fd, POLLIN, session_on_host, s);
	session_start_deadline(core);
	if (core->central && !set->sdu_max)
		session_link_put(&s->link, req,
				 gatt_client_start(&s->client, req));
	if (core->central && set->timeout_ms > FIRST_ANSWER_MS)
		loop_after(core->loop, &s->answer, FIRST_ANSWER_MS,
			   session_no_answer, s);
	if (!core->central && set->sdu_max)
		session_greet(s);
	if (core->state != STATE_OVER)
		loop_run(core->loop);
}

static void session_run(const struct session_settings *settings)
{
	struct session *s = session_new(settings);
	struct session_core *core = &s->core;

	worker_diag(settings->host, WORKER_LOG);
	signer_provider_connect(settings->signer, (int)settings->timeout_ms);
	s->channel.channel = channel_new(settings->context);
	if (s->channel.channel && session_att_prepare(&s->att) &&
	    sandbox_enter(SANDBOX_PEER))
		session_live(s);
	else
		session_conclude(core, REASON_ERROR,
				 "cannot prepare its process");
	if (core->closed.reason == REASON_COUNT)
		core->closed.reason = REASON_ERROR;
	core->closed.heard = s->link.heard;
	session_link_close(&s->link);
	session_tell(core, WORKER_CLOSED, &core->closed, sizeof(core->closed));
	diag_sink(NULL, NULL);
	session_free(s);
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
