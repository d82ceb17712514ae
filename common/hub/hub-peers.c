/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peers of a hub: how they come, and what their processes say. */
#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "att/att.h"
#include "att/gatt-server.h"
#include "hub/hub-part.h"
#include "process/child.h"

#define LEAVE_MS 200		/* for the last processes to end */

static void hub_on_connected(void *arg, const uint8_t *body, size_t len)
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

static void hub_on_secured(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_secured *secure = (const void *)body;
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	(void)len;

	memcpy(peer->name, secure->peer, sizeof(peer->name));
	memcpy(peer->pin, secure->pin, sizeof(peer->pin));
	memcpy(peer->chain, secure->chain, sizeof(peer->chain));
	peer->chain_count = secure->chain_count;
	if (hub_check_revoked(peer))
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
	hub_pairing_begin(&hub->pairing, peer);
	hub_feed(hub);
}

/* A central that pairs sends neither data nor END before it has paired. */
static bool peer_too_early(struct peer *peer)
{
	if (!peer->pairing || !peer->hub->set->pair_required ||
	    peer->hub->set->session.policy->role == ROLE_CENTRAL)
		return false;
	diag_warn("%s uses the channel before it is paired", peer->address);
	peer_close(peer, REASON_NOT_PAIRED);
	return true;
}

static bool hub_take_message(struct peer *peer, const uint8_t *body, size_t len)
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

static void hub_on_data(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	if (hub->stopping || peer->revoked[0])
		return;
	if (peer_too_early(peer) || !hub_take_message(peer, body, len))
		return;
	peer->taken++;
	hub_received(hub);
}

/* A session ends in order if each side has taken all that the other sent. */
static void hub_on_closed(void *arg, const uint8_t *body, size_t len)
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
		hub_peer_remove(peer);
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
	hub_peer_closed(peer, last.reason, last.words, last.heard);
}

static void hub_on_end(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	(void)body;
	(void)len;
	peer->ended = true;
	if (!peer_too_early(peer))
		peer_event(peer, "end", json_object());
}

static void hub_on_oob(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	hub_pairing_receive(&peer->hub->pairing, peer, body, len);
}

/* It has no GATT, or not yet: where pairing is required, not before that. */
static void refuse_gatt(struct peer *peer, const struct worker_gatt *what)
{
	const uint8_t error = ATT_ECODE_INSUFFICIENT_AUTHORIZATION;

	if (what->operation != GATT_EXTERNAL_COMMAND)
		peer_post(peer, HOST_GATT, &error, 1);
}

static void hub_on_gatt(void *arg, const uint8_t *body, size_t len)
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

static void hub_on_signed(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	(void)len;
	if (!peer->signs || bond_counter(&peer->own, &peer->where.bdaddr,
					 peer->where.bdaddr_type,
					 *(const uint32_t *)body))
		peer_close(peer, REASON_ERROR);
}

static void hub_on_found(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	(void)len;
	if (!hub->stopping && hub->carry->found)
		hub->carry->found(peer, (const void *)body);
}

static void hub_on_result(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_result *result = (const void *)body;
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	if (!hub->stopping && hub->carry->result)
		hub->carry->result(peer, result, body + sizeof(*result),
				   len - sizeof(*result));
}

static void hub_on_notified(void *arg, const uint8_t *body, size_t len)
{
	const struct worker_notified *notified = (const void *)body;
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	if (!hub->stopping && hub->carry->notified)
		hub->carry->notified(peer, notified, body + sizeof(*notified),
				     len - sizeof(*notified));
}

static void hub_on_explored(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;
	const struct hub *hub = peer->hub;

	(void)body;
	(void)len;
	if (!hub->stopping && hub->carry->explored)
		hub->carry->explored(peer);
}

static void hub_on_att(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	if (peer->hub->carry->att)
		peer->hub->carry->att(peer, body, len);
}

static void hub_on_peripheral(void *arg, const uint8_t *body, size_t len)
{
	(void)len;
	peer_event(arg, "peripheral", json_pack("{s:b}", "connected", body[0]));
}

static void hub_on_report(void *arg, const uint8_t *body, size_t len)
{
	const struct peer *peer = arg;
	const struct hub_settings *set = peer->hub->set;

	if (set->on_report)
		set->on_report((const char *)body, len, set->arg);
}

static void hub_on_bye(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	(void)body;
	(void)len;
	peer->answering = true;
}

static const worker_handler hub_handlers[MESSAGE_COUNT] = {
	[WORKER_CONNECTED] = hub_on_connected,
	[WORKER_SECURED] = hub_on_secured,
	[WORKER_DATA] = hub_on_data,
	[WORKER_END] = hub_on_end,
	[WORKER_OOB] = hub_on_oob,
	[WORKER_GATT] = hub_on_gatt,
	[WORKER_SIGNED] = hub_on_signed,
	[WORKER_FOUND] = hub_on_found,
	[WORKER_RESULT] = hub_on_result,
	[WORKER_NOTIFIED] = hub_on_notified,
	[WORKER_EXPLORED] = hub_on_explored,
	[WORKER_ATT] = hub_on_att,
	[WORKER_PERIPHERAL] = hub_on_peripheral,
	[WORKER_REPORT] = hub_on_report,
	[WORKER_BYE] = hub_on_bye,
	[WORKER_CLOSED] = hub_on_closed,
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

static void hub_on_worker(short ready, void *arg)
{
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	if ((ready & (POLLIN | POLLHUP)) &&
	    worker_receive(&peer->worker, &hub_receiver, peer_state(peer),
			   peer) == WORKER_REFUSED) {
		hub_peer_closed(peer, REASON_ERROR, "its process has ended",
				true);
		return;
	}
	hub_feed(hub);
}

/* What a peer tells. */

static void hub_on_event(struct peer *peer, const char *event, json_t *more)
{
	hub_event(peer->hub, event, more);
}

static void hub_on_change(struct peer *peer)
{
	hub_feed(peer->hub);
}

static void hub_on_not_closed(struct peer *peer)
{
	hub_peer_closed(peer, peer->close_reason, "", true);
}

static const struct peer_ops peer_ops = {
	.event = hub_on_event, .feed = hub_on_change,
	.not_closed = hub_on_not_closed,
};

/* How they come. */

/* Find the bond with the peer; without one, it can sign nothing. */
static void find_bond(struct peer *peer, struct session_settings *settings)
{
	if (peer->where.kind != LINK_DEVICE || peer->where.psm ||
	    !settings->profile || !settings->profile->expose_link)
		return;
	bond_signing(&peer->own, &peer->where.bdaddr, peer->where.bdaddr_type,
		     &settings->ltk, &settings->signs, &settings->signing);
	peer->signs = settings->signs;
}

/*
 * A peer that comes for GATT on the link may stay without a session.  If there
 * are too many of these, the oldest must go.  NULL: none must.
 */
static struct peer *must_go(const struct hub *hub)
{
	struct peer *oldest = NULL;
	unsigned int strangers = 0;

	/* The newest is the first in the list. */
	for (struct peer *p = hub->peers; p; p = p->next)
		if (!p->secured && !p->closing) {
			strangers++;
			oldest = p;
		}
	return hub->set->max_strangers && strangers >= hub->set->max_strangers ?
		oldest : NULL;
}

bool hub_has_room(const struct hub *hub, unsigned int max_peers)
{
	return hub_peers(hub) < max_peers || must_go(hub);
}

static struct peer *peer_new(struct hub *hub,
			     const struct link_address *address,
			     uint16_t adapter)
{
	struct peer *peer = calloc(1, sizeof(*peer));

	if (!peer || !(peer->carried = calloc(1, hub->carry->peer_size + 1)))
		die(STATUS_OTHER, "out of memory");
	peer->hub = hub;
	peer->set = hub->set;
	peer->ops = &peer_ops;
	peer->loop = hub->loop;
	peer->where = *address;
	peer->adapter = adapter;
	peer->link = -1;
	link_name(address, peer->address);
	return peer;
}

enum status hub_add(struct hub *hub, int link,
		    const struct link_address *address, uint16_t adapter)
{
	struct session_settings settings = hub->set->session;
	struct peer *peer = peer_new(hub, address, adapter);
	enum status status;

	if (must_go(hub))
		hub_peer_closed(must_go(hub), REASON_TIMEOUT,
				"it is not secured, and others are waiting for "
				"its place", true);
	settings.link = link;
	settings.sdu_max = address->psm ? link_sdu_max(link) : 0;
	link_own_address(link, &peer->own);
	find_bond(peer, &settings);
	if (hub->pairing.exchange && address->kind != LINK_UNIX)
		peer->link = fcntl(link, F_DUPFD_CLOEXEC, 3);
	if (address->psm && settings.sdu_max < ATT_MTU_DEFAULT) {
		diag_error("%s takes SDUs of %u octets only", peer->address,
			   settings.sdu_max);
		close(link);
		peer_free(peer);
		return STATUS_LINK;
	}
	status = signer_open(hub->set->signer, link_number(address),
			     &settings.signer);
	if (status) {
		close(link);
		hub_event(hub, "error", json_pack("{s:s, s:s}", "address",
			  peer->address, "reason", status == STATUS_IDENTITY ?
			  "key" : reason_name(REASON_TPM)));
	} else if (session_start(&peer->worker, &settings) < 0) {
		status = STATUS_OTHER;
	}
	OPENSSL_cleanse(&settings.signing, sizeof(settings.signing));
	if (status) {
		peer_free(peer);
		return status;
	}
	peer->session = ++hub->sessions;
	peer->next = hub->peers;
	hub->peers = peer;
	loop_watch(hub->loop, peer->worker.fd, POLLIN, hub_on_worker, peer);
	hub_feed(hub);
	return STATUS_OK;
}

static void hub_on_output(void *arg)
{
	struct hub *hub = arg;

	if (output_broken(hub->output))
		hub_stop(hub, REASON_ERROR, STATUS_OTHER);
	hub_feed(hub);
}

static void hub_on_signal(void *arg)
{
	struct hub *hub = arg;

	if (hub->stopping)
		loop_stop(hub->loop, (int)hub->status);
	else
		hub_stop(hub, REASON_STOPPED, STATUS_OK);
}

static void hub_on_hangup(void *arg)
{
	struct hub *hub = arg;

	if (!hub->stopping)
		hub->set->on_hangup(hub->set->arg);
}

struct hub *hub_new(struct loop *loop, const struct hub_settings *settings,
		    const struct carry *carry)
{
	struct hub *hub = calloc(1, sizeof(*hub));

	if (!hub)
		die(STATUS_OTHER, "out of memory");
	hub->loop = loop;
	hub->set = settings;
	hub->output = output_new(loop, STDOUT_FILENO, hub_on_output, hub);
	hub->carry = carry;
	if (hub->carry->start)
		hub->carry->start(hub);
	loop_signals(loop, hub_on_signal,
		     settings->on_hangup ? hub_on_hangup : NULL, hub);
	if (settings->pair)
		hub_pairing_start(&hub->pairing, loop, settings);
	return hub;
}

void hub_stop_pairing(struct hub *hub)
{
	hub_pairing_stop(&hub->pairing);
}

void hub_replace(struct hub *hub, const struct link_address *address)
{
	const struct gatt_profile *profile = hub->set->session.profile;

	/* It may have come for GATT on the link. */
	if (profile && profile->expose_link)
		return;
	for (struct peer *p = hub->peers, *next; p; p = next) {
		next = p->next;
		if (!p->secured && !p->where.psm &&
		    !bacmp(&p->where.bdaddr, &address->bdaddr) &&
		    p->where.bdaddr_type == address->bdaddr_type)
			hub_peer_closed(p, REASON_PEER_CLOSED, "", true);
	}
}

bool hub_free(struct hub *hub)
{
	bool whole;

	hub_stop_pairing(hub);
	while (hub->peers) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): not listed then */
		hub_peer_remove(hub->peers);
	}
	loop_cancel(hub->loop, &hub->goodbye);
	loop_cancel(hub->loop, &hub->quiet);
	if (hub->carry->stop)
		hub->carry->stop(hub);
	whole = output_free(hub->output, 1000);
	child_leave_end(LEAVE_MS);
	free(hub);
	return whole;
}
