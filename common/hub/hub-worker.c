/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the process of a peer has for its parent. */
#include "config.h"
#include "hub/hub-part.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "att/att.h"
#include "att/gatt-server.h"

static void on_secured(struct peer *peer, const struct worker_secured *secure)
{
	struct hub *hub = peer->hub;

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

static void on_data(struct peer *peer, const uint8_t *body, size_t len)
{
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
static void on_closed(struct peer *peer, const struct worker_closed *closed)
{
	struct worker_closed last = *closed;
	bool in_order = last.reason == REASON_DONE ||
			last.reason == REASON_PEER_CLOSED;
	struct hub *hub = peer->hub;
	const char *missing = hub->carry->missing ?
			      hub->carry->missing(peer) : NULL;

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

static void on_signed(struct peer *peer, uint32_t next)
{
	if (!peer->signs || bond_counter(&peer->own, &peer->where.bdaddr,
			 peer->where.bdaddr_type, next))
		peer_close(peer, REASON_ERROR);
}

/* Not before it is paired, where that is required. */
static void refuse_gatt(struct peer *peer, const struct worker_gatt *what)
{
	const uint8_t error = ATT_ECODE_INSUFFICIENT_AUTHORIZATION;

	if (what->operation != GATT_EXTERNAL_COMMAND)
		peer_post(peer, HOST_GATT, &error, 1);
}

static void take(struct peer *peer, int type, const uint8_t *body, size_t len)
{
	const struct worker_connected *connected = (const void *)body;
	struct hub *hub = peer->hub;

	switch (type) {
	case WORKER_CONNECTED:
		peer_event(peer, "connected",
			   json_pack("{s:s, s:s, s:i}", "type",
				     link_type_name(&peer->where),
				     "bearer", peer->where.psm ? "coc" : "att",
				     "mtu", connected->mtu));
		break;
	case WORKER_SECURED:
		if (!peer->secured)
			on_secured(peer, (const void *)body);
		break;
	case WORKER_DATA:
		if (peer->secured)
			on_data(peer, body, len);
		break;
	case WORKER_END:
		peer->ended = true;
		if (peer->secured && !too_early(peer))
			peer_event(peer, "end", json_object());
		break;
	case WORKER_OOB:
		if (peer->secured && !peer->closing)
			peer_on_pairing(peer, body, len);
		break;
	case WORKER_GATT:
		if (!peer_has_gatt(peer) || !hub->carry->gatt)
			refuse_gatt(peer, (const void *)body);
		else
			hub->carry->gatt(peer, (const void *)body,
					 body + sizeof(struct worker_gatt),
					 len - sizeof(struct worker_gatt));
		break;
	case WORKER_SIGNED:
		if (!peer->closing)
			on_signed(peer, *(const uint32_t *)body);
		break;
	case WORKER_FOUND:
	case WORKER_RESULT:
	case WORKER_NOTIFIED:
	case WORKER_EXPLORED:
		if (peer->secured && !hub->stopping && hub->carry->explored)
			hub->carry->explored(peer, (uint8_t)type,
					     body, len);
		break;
	case WORKER_ATT:
		if (peer->secured && !peer->closing && hub->carry->att)
			hub->carry->att(peer, body, len);
		break;
	case WORKER_PERIPHERAL:
		if (peer->secured)
			peer_event(peer, "peripheral",
				   json_pack("{s:b}", "connected", body[0]));
		break;
	case WORKER_REPORT:
		if (hub->set->on_report)
			hub->set->on_report((const char *)body, len,
					    hub->set->arg);
		break;
	case WORKER_BYE:
		peer->answering = true;
		break;
	case WORKER_LOG:
		diag_say((enum diag_level)body[0], (const char *)body + 1);
		break;
	default:
		break;
	}
}

void peer_on_worker(short ready, void *arg)
{
	struct peer *peer = arg;
	struct hub *hub = peer->hub;
	const uint8_t *body;
	size_t len;

	if (ready & (POLLIN | POLLHUP)) {
		int type = worker_receive(&peer->worker, &body, &len);

		if (type < 0) {
			peer_closed(peer, REASON_ERROR,
				    "its process has ended", true);
			return;
		}
		if (type == WORKER_CLOSED) {
			on_closed(peer, (const void *)body);
			return;
		}
		if (type)
			take(peer, type, body, len);
	}
	hub_feed(hub);
}
