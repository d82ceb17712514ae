/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub/hub.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "att/att.h"
#include "hub/hub-part.h"
#include "base/input.h"

#define DONE_MS 35000		/* a session that is silent ends before */

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

/* A session whose end is that of the program. */
bool hub_one_peer(const struct hub *hub)
{
	return hub->set->raw || hub->set->session.policy->role == ROLE_CENTRAL;
}

/* Nothing left to wait for? */
void hub_check_stopped(struct hub *hub)
{
	if (hub->stopping && !hub->peers)
		loop_stop(hub->loop, (int)hub->status);
}

static void goodbye_over(void *arg)
{
	struct hub *hub = arg;

	while (hub->peers)
		peer_closed(hub->peers, hub->stop_reason == REASON_DONE ?
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
		diag_error("%ld of %ld messages came", hub->received,
			   hub->set->count);
		status = STATUS_TIMEOUT;
	}
	for (struct peer *p = hub->peers; p && !status; p = p->next)
		if (reason == REASON_DONE && hub->set->pair_required &&
		    hub_one_peer(hub) && p->secured && !p->paired) {
			diag_error("%s is not paired yet, which is required",
				   p->address);
			status = STATUS_REFUSED;
		}
	if (!status && hub->input && input_refused(hub->input))
		status = STATUS_OTHER;
	hub->stopping = true;
	hub->stop_reason = reason;
	hub->status = status;
	hub->set->on_stopping(hub->set->arg);
	for (struct peer *p = hub->peers; p; p = p->next)
		peer_close(p, reason);
	loop_after(hub->loop, &hub->goodbye, !hub->peers ? 0 :
		   reason == REASON_DONE ? DONE_MS : HUB_GOODBYE_MS,
		   goodbye_over, hub);
}

static void too_quiet(void *arg)
{
	struct hub *hub = arg;

	if (hub->sending)
		diag_error("a line of stdin was not taken within %ld s",
			   hub->set->wait_s);
	hub_stop(hub, REASON_DONE, hub->sending ? STATUS_TIMEOUT : STATUS_OK);
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

void hub_revoke(struct hub *hub, const STACK_OF(X509_CRL) *crls)
{
	hub->crls = crls;
	hub->before_crls = hub->sessions;
	for (struct peer *p = hub->peers; p; p = p->next)
		peer_check_revoked(p);
	hub_feed(hub);
}

/* So much is on its way that nothing is to be read from the peer. */
static bool full(const struct peer *peer)
{
	const struct hub *hub = peer->hub;

	return hub->carry->full ? hub->carry->full(peer)
				: output_full(hub->output);
}

/* What is kept of a pairing with the peer; without that, it signs nothing. */
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
 * Who comes for GATT on the link may stay, unless there are too many of them:
 * then the first must go.  NULL: nobody.
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

enum status hub_add(struct hub *hub, int link,
		    const struct link_address *address, uint16_t adapter)
{
	struct session_settings settings = hub->set->session;
	struct peer *peer = calloc(1, sizeof(*peer));
	enum status status;

	if (!peer)
		die(STATUS_OTHER, "out of memory");
	if (must_go(hub))
		peer_closed(must_go(hub), REASON_TIMEOUT,
			    "others wait, and it is not secured", true);
	settings.link = link;
	settings.sdu_max = address->psm ? link_sdu_max(link) : 0;
	link_name(address, peer->address);
	peer->where = *address;
	link_own_address(link, &peer->own);
	find_bond(peer, &settings);
	peer->adapter = adapter;
	peer->link = -1;
	if (hub->exchange && address->kind != LINK_UNIX)
		peer->link = fcntl(link, F_DUPFD_CLOEXEC, 3);
	if (address->psm && settings.sdu_max < ATT_MTU_DEFAULT) {
		diag_error("%s takes SDUs of %u octets only", peer->address,
			   settings.sdu_max);
		close(link);
		free(peer);
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
		if (peer->link >= 0)
			close(peer->link);
		free(peer);
		return status;
	}
	peer->hub = hub;
	peer->session = ++hub->sessions;
	peer->told = -1;
	peer->next = hub->peers;
	hub->peers = peer;
	loop_watch(hub->loop, peer->worker.fd, POLLIN, peer_on_worker, peer);
	hub_feed(hub);
	return STATUS_OK;
}

/* Move what can be moved, and set what to wait for. */
void hub_feed(struct hub *hub)
{
	for (struct peer *p = hub->peers; p; p = p->next)
		worker_flush(&p->worker);
	if (hub->carry->feed)
		hub->carry->feed(hub);
	for (struct peer *p = hub->peers; p; p = p->next) {
		bool wait, held = full(p) && !hub->stopping;

		peer_check_done(p);
		if (p->close_owed)
			peer_tell_close(p);
		wait = p->owed || p->end_owed || p->close_owed ||
		       p->worker.posted;
		loop_events(hub->loop, p->worker.fd,
			    (short)((held ? 0 : POLLIN) |
				    (wait ? POLLOUT : 0)));
	}
}

static void on_output(void *arg)
{
	struct hub *hub = arg;

	if (output_broken(hub->output))
		hub_stop(hub, REASON_ERROR, STATUS_OTHER);
	hub_feed(hub);
}

static void on_signal(void *arg)
{
	struct hub *hub = arg;

	if (hub->stopping)
		loop_stop(hub->loop, (int)hub->status);
	else
		hub_stop(hub, REASON_STOPPED, STATUS_OK);
}

static void on_hangup(void *arg)
{
	struct hub *hub = arg;

	if (!hub->stopping)
		hub->set->on_hangup(hub->set->arg);
}

struct hub *hub_new(struct loop *loop, const struct hub_settings *settings)
{
	struct hub *hub = calloc(1, sizeof(*hub));

	if (!hub)
		die(STATUS_OTHER, "out of memory");
	hub->loop = loop;
	hub->set = settings;
	hub->output = output_new(loop, STDOUT_FILENO, on_output, hub);
	hub->carry = settings->on_report ? &carry_nothing :
		     settings->command ? &carry_command :
		     settings->session.profile ? &carry_gatt :
		     settings->gateway ? &carry_gateway :
		     settings->session.op_count ? &carry_explore : &carry_lines;
	if (hub->carry->start)
		hub->carry->start(hub);
	loop_signals(loop, on_signal, settings->on_hangup ? on_hangup : NULL,
		     hub);
	if (settings->pair)
		hub_start_pairing(hub);
	return hub;
}

void hub_replace(struct hub *hub, const struct link_address *address)
{
	const struct gatt_profile *profile = hub->set->session.profile;

	/* It may have come to stay. */
	if (profile && profile->expose_link)
		return;
	for (struct peer *p = hub->peers, *next; p; p = next) {
		next = p->next;
		if (!p->secured && !p->where.psm &&
		    !bacmp(&p->where.bdaddr, &address->bdaddr) &&
		    p->where.bdaddr_type == address->bdaddr_type)
			peer_closed(p, REASON_PEER_CLOSED, "", true);
	}
}

bool hub_free(struct hub *hub)
{
	bool whole;

	hub_stop_pairing(hub);
	while (hub->peers) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): not listed then */
		peer_remove(hub->peers);
	}
	loop_cancel(hub->loop, &hub->goodbye);
	loop_cancel(hub->loop, &hub->quiet);
	if (hub->carry->stop)
		hub->carry->stop(hub);
	whole = output_free(hub->output, 1000);
	free(hub);
	return whole;
}
