/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairing with the peers, over their channels. */
#include "config.h"
#include "hub/hub-part.h"

#define REQUIRED_MS 45000	/* to pair, where that is required */
#define LINK_GONE_MS 4000	/* until a link that pairing lost is closed */

static void send_pairing(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	/* A pairing has no more than three; refusals of more may be lost. */
	peer_post(peer, HOST_OOB, body, len);
}

static void on_pairing_event(void *arg, const char *event, json_t *more)
{
	peer_event(arg, event, more);
}

static void go_on_unpaired(struct peer *peer, const char *reason)
{
	peer->pairing = false;
	if (peer->hub->set->pair_required)
		peer_close(peer, REASON_NOT_PAIRED);
	else
		peer_event(peer, "fallback", json_pack("{s:s}", "reason",
						       reason));
	hub_feed(peer->hub);
}

static void not_paired_in_time(void *arg)
{
	go_on_unpaired(arg, "it was not paired in time");
}

static void on_pairing_done(void *arg, enum status status, const char *reason)
{
	struct peer *peer = arg;
	struct hub *hub = peer->hub;

	loop_cancel(hub->loop, &peer->pair_deadline);
	if (!status) {
		peer->pairing = false;
		peer->paired = true;
		if (hub->set->then_plain)
			peer_close(peer, REASON_DONE);
		hub_feed(hub);
		return;
	}
	diag_warn("%s: not paired: %s", peer->address, reason);
	if (status == STATUS_LINK) {
		/* What to do about that is decided when it is closed. */
		peer->pair_failed = true;
		loop_after(hub->loop, &peer->pair_deadline, LINK_GONE_MS,
			   not_paired_in_time, peer);
		return;
	}
	go_on_unpaired(peer, reason);
}

void peer_begin_pairing(struct peer *peer)
{
	if (peer->hub->set->pair_required)
		loop_after(peer->hub->loop, &peer->pair_deadline, REQUIRED_MS,
			   not_paired_in_time, peer);
	if (!peer->hub->exchange || peer->link < 0)
		return;
	/* A peripheral does not know whether it will be asked to. */
	peer->pairing = peer->hub->set->session.policy->role == ROLE_CENTRAL ||
			peer->hub->set->pair_required;
	pair_exchange_begin(peer->hub->exchange, peer, &peer->where,
			    peer->adapter, peer->link);
}

void peer_on_pairing(struct peer *peer, const uint8_t *body, size_t len)
{
	static const uint8_t unwanted[2] = { PAIR_REFUSE, PAIR_UNWANTED };

	if (peer->hub->exchange && peer->link >= 0)
		pair_exchange_receive(peer->hub->exchange, peer, body, len);
	else if (body[0] == PAIR_OFFER)
		send_pairing(peer, unwanted, sizeof(unwanted));
}

void hub_start_pairing(struct hub *hub)
{
	const struct hub_settings *settings = hub->set;

	hub->exchange_set = (struct pair_exchange_settings){
		.loop = hub->loop, .role = settings->session.policy->role,
		.bond = settings->bond, .send = send_pairing,
		.on_event = on_pairing_event,
		.on_done = on_pairing_done,
	};
	hub->exchange = pair_exchange_new(&hub->exchange_set);
}

void hub_stop_pairing(struct hub *hub)
{
	pair_exchange_free(hub->exchange);
	hub->exchange = NULL;
}
