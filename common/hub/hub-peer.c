/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One peer: what is said of it and to it, until it is closed. */
#include "config.h"
#include "hub/hub-part.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

json_t *peer_about(const struct peer *peer)
{
	json_t *json = json_object();

	if (peer->name[0])
		json_object_set_new(json, "peer", json_string(peer->name));
	json_object_set_new(json, "address", json_string(peer->address));
	json_object_set_new(json, "session", json_integer(peer->session));
	return json;
}

const struct command_variable *peer_variables(struct peer *peer,
					      struct peer_variables *variables)
{
	snprintf(variables->session, sizeof(variables->session), "%u",
		 peer->session);
	variables->list[0] = (struct command_variable){ "BLESEC_PEER_NAME",
							peer->name };
	variables->list[1] = (struct command_variable){ "BLESEC_PEER_ADDRESS",
							peer->address };
	variables->list[2] = (struct command_variable){ "BLESEC_PEER_PIN",
							peer->pin };
	variables->list[3] = (struct command_variable){ "BLESEC_SESSION",
							variables->session };
	variables->list[4] = (struct command_variable){ NULL, NULL };
	return variables->list;
}

void peer_event(struct peer *peer, const char *event, json_t *more)
{
	json_t *json = peer_about(peer);

	json_object_update(json, more);
	json_decref(more);
	hub_event(peer->hub, event, json);
}

bool peer_ready(const struct peer *peer)
{
	return peer->secured && !peer->closing && !peer->pairing;
}

bool peer_has_gatt(const struct peer *peer)
{
	const struct gatt_profile *profile =
		peer->hub->set->session.profile;

	return !peer->closing && profile &&
	       (peer->secured ? !peer->pairing : profile->expose_link);
}

bool peer_post(struct peer *peer, uint8_t type, const void *body, size_t len)
{
	return peer->closing || worker_post(&peer->worker, type, body, len);
}

bool peer_send(struct peer *peer, const uint8_t *body, size_t len)
{
	peer->owed = worker_send(&peer->worker, HOST_DATA, body, len) == 0;
	return !peer->owed;
}

void peer_end(struct peer *peer)
{
	if (peer_ready(peer) && !peer->end_told && !peer->owed)
		peer->end_told = worker_send(&peer->worker, HOST_END, NULL,
					     0) != 0;
	peer->end_owed = peer_ready(peer) && !peer->end_told;
}

void peer_tell_close(struct peer *peer)
{
	struct host_close close = {
		.reason = (uint8_t)peer->close_reason, .taken = peer->taken,
	};

	if (!worker_flush(&peer->worker)) {
		peer->close_owed = true;
		return;
	}
	peer->close_owed = worker_send(&peer->worker, HOST_CLOSE, &close,
				       sizeof(close)) == 0;
}

void peer_not_closed(void *arg)
{
	struct peer *peer = arg;

	peer_closed(peer, peer->close_reason, "", true);
}

void peer_close(struct peer *peer, enum reason reason)
{
	if (peer->closing)
		return;
	peer->closing = true;
	peer->owed = false;
	peer->close_reason = reason;
	/* Who is done may be slow, but who is in the way may not. */
	if (reason != REASON_DONE)
		loop_after(peer->hub->loop, &peer->close_deadline,
			   HUB_GOODBYE_MS, peer_not_closed, peer);
	peer_tell_close(peer);
}

/* Say goodbye to it, and listen no more, if it is. */
bool peer_check_revoked(struct peer *peer)
{
	struct hub *hub = peer->hub;

	/* Later ones were judged with these CRLs by their own process. */
	if (peer->session > hub->before_crls || peer->revoked[0] ||
	    !trust_revoked(hub->crls, peer->chain, peer->chain_count,
			   peer->revoked))
		return peer->revoked[0];
	/* It may be slow no more if it is being closed already. */
	if (peer->closing)
		loop_after(hub->loop, &peer->close_deadline, HUB_GOODBYE_MS,
			   peer_not_closed, peer);
	peer_close(peer, REASON_REVOKED);
	return true;
}

void peer_remove(struct peer *peer)
{
	struct hub *hub = peer->hub;
	struct peer **at = &hub->peers;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	loop_unwatch(hub->loop, peer->worker.fd);
	loop_cancel(hub->loop, &peer->pair_deadline);
	loop_cancel(hub->loop, &peer->close_deadline);
	worker_stop(&peer->worker);
	if (peer->link >= 0)
		close(peer->link);
	free(peer);
}

void peer_closed(struct peer *peer, enum reason reason, const char *words,
		 bool heard)
{
	struct hub *hub = peer->hub;
	const bool revoked = peer->revoked[0];
	const bool pairing = hub->exchange &&
			     pair_exchange_forget(hub->exchange, peer);
	struct hub_closed closed = {
		.reason = revoked ? REASON_REVOKED : reason,
		.heard = heard, .secured = peer->secured,
		.pairing = pairing || peer->pair_failed,
		.sent = peer->sent > 0,
		.words = revoked ? peer->revoked : words,
	};
	json_t *more;

	/* Whatever its process says, or the deadline of the goodbye. */
	reason = closed.reason;
	words = closed.words;
	more = json_pack("{s:s}", "reason", reason_name(reason));
	if (*words)
		json_object_set_new(more, "detail", json_string(words));
	/* Of an error here was told when it came. */
	if (*words || (reason_status(reason) && reason != REASON_ERROR))
		diag_warn("%s: %s%s%s", peer->address, reason_name(reason),
			  *words ? ": " : "", words);
	if (hub->carry->closed)
		hub->carry->closed(peer);
	closed.failed = peer->failed;
	peer_event(peer, "closed", more);
	peer_remove(peer);
	if (!hub->stopping)
		hub->set->on_closed(&closed, hub->set->arg);
	else if (!hub->status && hub->stop_reason == REASON_DONE &&
		 hub_one_peer(hub))
		hub->status = reason_status(reason);
	hub_check_stopped(hub);
	hub_feed(hub);
}
