/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process of a peer has for its parent. */
#include "config.h"
#include "hub/hub-part.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "att/att.h"
#include "att/gatt-server.h"

static void on_connected(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_connected *connected = (const void *)body;
	struct peer *peer = arg;

	(void)len;
	peer_event(peer, "connected",
		   json_pack("{s:s, s:s, s:i}", "type",
			     link_type_name(&peer->where),
			     "bearer", peer->where.psm ? "coc" : "att",
			     "mtu", connected->mtu));
}

static void on_secured(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_secured *secure = (const void *)body;
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	(void)len;

	memcpy(peer->name, secure->peer, sizeof(peer->name));
	memcpy(peer->pin, secure->pin, sizeof(peer->pin));
	memcpy(peer->chain, secure->chain, sizeof(peer->chain));
	peer->chain_count = secure->chain_count;
	if (peer_check_revoked(peer))
		return;
	peer->secured = true;
	peer_event(peer, "secured",
		   json_pack("{s:s, s:s, s:s, s:b, s:{s:f, s:I, s:I, s:I, s:I, "
			     "s:f}}",
			     "pin", secure->pin, "cipher", secure->cipher,
			     "group", secure->group, "resumed", 0, "handshake",
			     "ms", (double)secure->microseconds / 1000,
			     "bytes_out", (json_int_t)secure->octets_out,
			     "bytes_in", (json_int_t)secure->octets_in,
			     "pdus_out", (json_int_t)secure->pdus_out,
			     "pdus_in", (json_int_t)secure->pdus_in,
			     "sign_ms",
			     (double)secure->sign_microseconds / 1000));
	if (hub->set->on_secured)
		hub->set->on_secured(hub->set->arg);
	hub_expect_message(hub);
	peer_begin_pairing(peer);
	hub_feed(hub);
}

/* A central that pairs waits with data, and with its end, until it has. */
static bool too_early(struct peer *peer)
{
	if (!peer->pairing || !peer->hub->set->pair_required ||
	    peer->hub->set->session.policy->role == ROLE_CENTRAL)
		return false;
	diag_warn("%s begins before it is paired", peer->address);
	peer_close(peer, REASON_NOT_PAIRED);
	return true;
}

static bool take_message(struct peer *peer, const uint8_t *body, size_t len)
{
	struct hub *hub = peer->hub;

	if (hub->carry->message)
		return hub->carry->message(peer, body, len);
	if (hub->set->raw)
		output_write(hub->output, body, len);
	else
		output_message(hub->output, peer_about(peer), body, len);
	return true;
}

static void on_data(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	if (hub->stopping || peer->revoked[0])
		return;
	if (too_early(peer) || !take_message(peer, body, len))
		return;
	peer->taken++;
	hub_received(hub);
}

static bool flushed(const struct peer *peer)
{
	const struct hub *hub = peer->hub;

	return hub->carry->flushed ? hub->carry->flushed(peer)
				   : output_empty(hub->output);
}

static bool over(const struct peer *peer)
{
	return peer->hub->carry->over && peer->hub->carry->over(peer);
}

/* When all is taken: answer a goodbye, or say it if nothing can follow. */
void peer_check_done(struct peer *peer)
{
	if (!peer->closing && flushed(peer) &&
	    (peer->answering || (!peer->pairing && over(peer))))
		peer_close(peer, REASON_DONE);
}

/* A session in order is one in which each has taken all of the other's. */
static void on_closed(void *arg, const uint8_t *body, size_t len)
{
	struct worker_closed last = *(const struct worker_closed *)body;
	struct peer *peer = arg;
	bool in_order = last.reason == REASON_DONE ||
			last.reason == REASON_PEER_CLOSED;
	struct hub *hub = peer->hub;
	const char *missing = hub->carry->missing ?
			      hub->carry->missing(peer) : NULL;

	(void)len;
	if (last.psm && hub->set->on_psm && !peer->secured &&
	    !peer->where.psm) {
		peer_remove(peer);
		if (!hub->stopping)
			hub->set->on_psm(last.psm, hub->set->arg);
		hub_check_stopped(hub);
		return;
	}

	if (in_order && last.bye && last.taken != peer->sent) {
		last.reason = REASON_CUT_SHORT;
		snprintf(last.words, sizeof(last.words),
			 "it took %u of %u messages", last.taken, peer->sent);
	} else if (in_order && peer->hub->set->pair_required &&
		   !peer->paired) {
		last.reason = REASON_NOT_PAIRED;
	} else if (in_order && missing) {
		last.reason = REASON_CUT_SHORT;
		snprintf(last.words, sizeof(last.words),
			 "it closed before %s", missing);
	}
	peer_closed(peer, last.reason, last.words, last.heard);
}

static void on_end(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	(void)body;
	(void)len;
	peer->ended = true;
	if (!too_early(peer))
		peer_event(peer, "end", json_object());
}

static void on_oob(void *arg, const uint8_t *body, size_t len)
{
	peer_on_pairing(arg, body, len);
}

/* Not before it is paired, where that is required. */
static void refuse_gatt(struct peer *peer, const struct worker_gatt *what)
{
	const uint8_t error = ATT_ECODE_INSUFFICIENT_AUTHORIZATION;

	if (what->operation != GATT_EXTERNAL_COMMAND)
		peer_post(peer, HOST_GATT, &error, 1);
}

static void on_gatt(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_gatt *what = (const void *)body;
	struct peer *peer = arg;
	const struct carry *carry = peer->hub->carry;

	if (!peer_has_gatt(peer) || !carry->gatt)
		refuse_gatt(peer, what);
	else
		carry->gatt(peer, what, body + sizeof(*what),
			    len - sizeof(*what));
}

static void on_signed(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	(void)len;
	if (!peer->signs || bond_counter(&peer->own, &peer->where.bdaddr,
					 peer->where.bdaddr_type,
					 *(const uint32_t *)body))
		peer_close(peer, REASON_ERROR);
}

static void on_found(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	(void)len;
	if (!hub->stopping && hub->carry->found)
		hub->carry->found(peer, (const void *)body);
}

static void on_result(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_result *result = (const void *)body;
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	if (!hub->stopping && hub->carry->result)
		hub->carry->result(peer, result, body + sizeof(*result),
				   len - sizeof(*result));
}

static void on_notified(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_notified *notified = (const void *)body;
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	if (!hub->stopping && hub->carry->notified)
		hub->carry->notified(peer, notified, body + sizeof(*notified),
				     len - sizeof(*notified));
}

static void on_explored(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	(void)body;
	(void)len;
	if (!hub->stopping && hub->carry->explored)
		hub->carry->explored(peer);
}

static void on_att(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	if (peer->hub->carry->att)
		peer->hub->carry->att(peer, body, len);
}

static void on_peripheral(void *arg, const uint8_t *body, size_t len)
{
	(void)len;
	peer_event(arg, "peripheral", json_pack("{s:b}", "connected", body[0]));
}

static void on_report(void *arg, const uint8_t *body, size_t len)
{
	const struct peer *peer = arg;
	const struct hub_settings *set = peer->hub->set;

	if (set->on_report)
		set->on_report((const char *)body, len, set->arg);
}

static void on_bye(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	(void)body;
	(void)len;
	peer->answering = true;
}

static const worker_handler hub_handlers[MESSAGE_COUNT] = {
	[WORKER_CONNECTED] = on_connected,
	[WORKER_SECURED] = on_secured,
	[WORKER_DATA] = on_data,
	[WORKER_END] = on_end,
	[WORKER_OOB] = on_oob,
	[WORKER_GATT] = on_gatt,
	[WORKER_SIGNED] = on_signed,
	[WORKER_FOUND] = on_found,
	[WORKER_RESULT] = on_result,
	[WORKER_NOTIFIED] = on_notified,
	[WORKER_EXPLORED] = on_explored,
	[WORKER_ATT] = on_att,
	[WORKER_PERIPHERAL] = on_peripheral,
	[WORKER_REPORT] = on_report,
	[WORKER_BYE] = on_bye,
	[WORKER_CLOSED] = on_closed,
	[WORKER_LOG] = worker_on_log,
};

static const struct worker_receiver hub_receiver = {
	messages, hub_handlers, MESSAGE_COUNT, MESSAGE_FROM_PEER,
};

static enum message_state peer_state(const struct peer *peer)
{
	if (peer->closing)
		return peer->secured ? MESSAGE_CLOSING : MESSAGE_GIVEN_UP;
	return peer->secured ? MESSAGE_SECURED : MESSAGE_UNSECURED;
}

void peer_on_worker(short ready, void *arg)
{
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	if ((ready & (POLLIN | POLLHUP)) &&
	    worker_receive(&peer->worker, &hub_receiver, peer_state(peer),
			   peer) == WORKER_REFUSED) {
		peer_closed(peer, REASON_ERROR, "its process has ended", true);
		return;
	}
	hub_feed(hub);
}
