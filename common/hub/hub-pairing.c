/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub/hub-pairing.h"

#include "base/limits.h"

#define LINK_GONE_MS 4000	/* until a link that pairing lost is closed */

static void send_pairing(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = arg;

	/* A pairing has three at most; only refusals of more can be lost. */
	peer_post(peer, HOST_OOB, body, len);
}

static void on_pairing_event(void *arg, const char *event, json_t *more)
{
	peer_event(arg, event, more);
}

static void go_on_unpaired(struct peer *peer, const char *reason)
{
	peer->pairing = false;
	if (peer->set->pair_required)
		peer_close(peer, REASON_NOT_PAIRED);
	else
		peer_event(peer, "fallback", json_pack("{s:s}", "reason",
						       reason));
	peer->ops->feed(peer);
}

static void not_paired_in_time(void *arg)
{
	go_on_unpaired(arg, "it was not paired in time");
}

static void on_pairing_done(void *arg, enum status status, const char *reason)
{
	struct peer *peer = arg;

	loop_cancel(peer->loop, &peer->pair_deadline);
	if (!status) {
		peer->pairing = false;
		peer->paired = true;
		if (peer->set->then_plain)
			peer_close(peer, REASON_DONE);
		peer->ops->feed(peer);
		return;
	}
	diag_warn("%s: not paired: %s", peer->address, reason);
	if (status == STATUS_LINK) {
		/* on_closed decides what to do about that. */
		peer->pair_failed = true;
		loop_after(peer->loop, &peer->pair_deadline, LINK_GONE_MS,
			   not_paired_in_time, peer);
		return;
	}
	go_on_unpaired(peer, reason);
}

void hub_pairing_begin(const struct hub_pairing *pairing, struct peer *peer)
{
	const struct hub_settings *set = peer->set;

	if (set->pair_required)
		loop_after(peer->loop, &peer->pair_deadline, PAIRING_REQUIRED_MS,
			   not_paired_in_time, peer);
	if (!pairing->exchange || peer->link < 0)
		return;
	/* A peripheral does not know whether the central will ask for it. */
	peer->pairing = set->session.policy->role == ROLE_CENTRAL ||
			set->pair_required;
	pair_exchange_begin(pairing->exchange, peer, &peer->where,
			    peer->adapter, peer->link);
}

void hub_pairing_receive(const struct hub_pairing *pairing, struct peer *peer,
			 const uint8_t *body, size_t len)
{
	static const uint8_t unwanted[2] = { PAIR_REFUSE, PAIR_UNWANTED };

	if (pairing->exchange && peer->link >= 0)
		pair_exchange_receive(pairing->exchange, peer, body, len);
	else if (body[0] == PAIR_OFFER)
		send_pairing(peer, unwanted, sizeof(unwanted));
}

bool hub_pairing_forget(const struct hub_pairing *pairing, struct peer *peer)
{
	return pairing->exchange &&
	       pair_exchange_forget(pairing->exchange, peer);
}

void hub_pairing_start(struct hub_pairing *pairing, struct loop *loop,
		       const struct hub_settings *settings)
{
	pairing->set = (struct pair_exchange_settings){
		.loop = loop, .role = settings->session.policy->role,
		.bond = settings->bond, .send = send_pairing,
		.on_event = on_pairing_event,
		.on_done = on_pairing_done,
	};
	pairing->exchange = pair_exchange_new(&pairing->set);
}

void hub_pairing_stop(struct hub_pairing *pairing)
{
	pair_exchange_free(pairing->exchange);
	pairing->exchange = NULL;
}
