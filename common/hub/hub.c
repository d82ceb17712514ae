/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub/hub-part.h"

#include <poll.h>
#include <stdlib.h>

#define DONE_MS 35000		/* longer than SESSION_SILENCE_MS */

void hub_event(struct hub *hub, const char *event, json_t *more)
{
	char *text;

	if (!hub->set->raw) {
		output_event(hub->output, event, more);
		return;
	}
	text = json_dumps(more, JSON_COMPACT);
	diag_info("%s %s", event, text ? text : "");
	free(text);
	json_decref(more);
}

unsigned int hub_peers(const struct hub *hub)
{
	unsigned int n = 0;

	for (const struct peer *p = hub->peers; p; p = p->next)
		n++;
	return n;
}

/* The program ends with its session. */
static bool one_peer(const struct hub *hub)
{
	return hub->set->raw || hub->set->session.policy->role == ROLE_CENTRAL;
}

void hub_check_stopped(struct hub *hub)
{
	if (hub->stopping && !hub->peers)
		loop_stop(hub->loop, (int)hub->status);
}

void hub_peer_remove(struct peer *peer)
{
	struct hub *hub = peer->hub;
	struct peer **at = &hub->peers;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	loop_unwatch(hub->loop, peer->worker.fd);
	loop_cancel(hub->loop, &peer->pair_deadline);
	loop_cancel(hub->loop, &peer->close_deadline);
	worker_stop(&peer->worker, hub->loop);
	peer_free(peer);
}

void hub_peer_closed(struct peer *peer, enum reason reason, const char *words,
		     bool heard)
{
	struct hub *hub = peer->hub;
	const bool revoked = peer->revoked[0];
	const bool pairing = hub_pairing_forget(&hub->pairing, peer);
	struct hub_closed closed = {
		.reason = revoked ? REASON_REVOKED : reason,
		.heard = heard, .secured = peer->secured,
		.pairing = pairing || peer->pair_failed,
		.sent = peer->sent > 0,
		.words = revoked ? peer->revoked : words,
	};
	json_t *more;

	/* A revocation counts more than what its process says. */
	reason = closed.reason;
	words = closed.words;
	more = json_pack("{s:s}", "reason", reason_name(reason));
	if (*words)
		json_object_set_new(more, "detail", json_string(words));
	/* Local errors were already logged. */
	if (*words || (reason_status(reason) && reason != REASON_ERROR))
		diag_warn("%s: %s%s%s", peer->address, reason_name(reason),
			  *words ? ": " : "", words);
	if (hub->carry->closed)
		hub->carry->closed(peer);
	closed.failed = peer->failed;
	peer_event(peer, "closed", more);
	hub_peer_remove(peer);
	if (!hub->stopping)
		hub->set->on_closed(&closed, hub->set->arg);
	else if (!hub->status && hub->stop_reason == REASON_DONE &&
		 one_peer(hub))
		hub->status = reason_status(reason);
	hub_check_stopped(hub);
	hub_feed(hub);
}

static void hub_goodbye_over(void *arg)
{
	struct hub *hub = arg;

	while (hub->peers)
		hub_peer_closed(hub->peers, hub->stop_reason == REASON_DONE ?
				REASON_SILENT : REASON_STOPPED,
				"it did not answer the goodbye", true);
	loop_stop(hub->loop, (int)hub->status);
}

void hub_stop(struct hub *hub, enum reason reason, enum status status)
{
	if (hub->stopping)
		return;
	if (!status && hub->set->count && hub->received < hub->set->count &&
	    reason != REASON_STOPPED) {
		diag_error("only %ld of %ld messages were received",
			   hub->received,
			   hub->set->count);
		status = STATUS_TIMEOUT;
	}
	for (struct peer *p = hub->peers; p && !status; p = p->next)
		if (reason == REASON_DONE && hub->set->pair_required &&
		    one_peer(hub) && p->secured && !p->paired) {
			diag_error("%s is not paired yet, but pairing is "
				   "required",
				   p->address);
			status = STATUS_REFUSED;
		}
	if (!status && hub->carry->refused && hub->carry->refused(hub))
		status = STATUS_OTHER;
	hub->stopping = true;
	hub->stop_reason = reason;
	hub->status = status;
	hub->set->on_stopping(hub->set->arg);
	for (struct peer *p = hub->peers; p; p = p->next)
		peer_close(p, reason);
	loop_after(hub->loop, &hub->goodbye, !hub->peers ? 0 :
		   reason == REASON_DONE ? DONE_MS : PEER_GOODBYE_MS,
		   hub_goodbye_over, hub);
}

static void too_quiet(void *arg)
{
	struct hub *hub = arg;
	const bool sending = hub->carry->sending && hub->carry->sending(hub);

	if (sending)
		diag_error("a line of stdin was not taken within %ld s",
			   hub->set->wait_s);
	hub_stop(hub, REASON_DONE, sending ? STATUS_TIMEOUT : STATUS_OK);
}

void hub_expect_message(struct hub *hub)
{
	if (hub->set->wait_s)
		loop_after(hub->loop, &hub->quiet,
			   (uint64_t)hub->set->wait_s * 1000, too_quiet, hub);
}

void hub_received(struct hub *hub)
{
	hub->received++;
	hub_expect_message(hub);
	if (hub->set->count && hub->received >= hub->set->count)
		hub_stop(hub, REASON_DONE, STATUS_OK);
}

bool hub_check_revoked(struct peer *peer)
{
	struct hub *hub = peer->hub;

	/* The processes of later peers have judged with these CRLs. */
	if (peer->session > hub->before_crls || peer->revoked[0] ||
	    !trust_revoked(hub->crls, peer->chain, peer->chain_count,
			   peer->revoked))
		return peer->revoked[0];
	/* If it is being closed already, it may take its time no more. */
	if (peer->closing)
		peer_hurry(peer);
	peer_close(peer, REASON_REVOKED);
	return true;
}

void hub_revoke(struct hub *hub, const STACK_OF(X509_CRL) *crls)
{
	hub->crls = crls;
	hub->before_crls = hub->sessions;
	for (struct peer *p = hub->peers; p; p = p->next)
		hub_check_revoked(p);
	hub_feed(hub);
}

/* So much is on its way from the peer that no more is to be read from it. */
static bool peer_full(const struct peer *peer)
{
	const struct hub *hub = peer->hub;

	return hub->carry->full ? hub->carry->full(peer)
				: output_full(hub->output);
}

static bool peer_flushed(const struct peer *peer)
{
	const struct hub *hub = peer->hub;

	return hub->carry->flushed ? hub->carry->flushed(peer)
				   : output_empty(hub->output);
}

static bool peer_over(const struct peer *peer)
{
	return peer->hub->carry->over && peer->hub->carry->over(peer);
}

/* When all is taken: answer a goodbye, or say it if nothing can follow. */
static void check_done(struct peer *peer)
{
	if (!peer->closing && peer_flushed(peer) &&
	    (peer->answering || (!peer->pairing && peer_over(peer))))
		peer_close(peer, REASON_DONE);
}

void hub_feed(struct hub *hub)
{
	for (struct peer *p = hub->peers; p; p = p->next)
		worker_flush(&p->worker);
	if (hub->carry->feed)
		hub->carry->feed(hub);
	for (struct peer *p = hub->peers; p; p = p->next) {
		bool wait, held = peer_full(p) && !hub->stopping;

		check_done(p);
		if (p->close_owed)
			peer_tell_close(p);
		wait = p->owed || p->end_owed || p->close_owed ||
		       p->worker.posted;
		loop_events(hub->loop, p->worker.fd,
			    (short)((held ? 0 : POLLIN) |
				    (wait ? POLLOUT : 0)));
	}
}
