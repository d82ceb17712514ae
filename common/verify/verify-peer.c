/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "verify/verify-peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pki/trust.h"

#define RETRIES 3

/*
 * Runs in the confined process, before the peer is judged.  It cannot read
 * files, so it does not check the CA's index.
 */
static void look_at_sent(const STACK_OF(X509) *sent, struct policy *policy)
{
	const struct verify_peer *peer = policy->look_arg;
	struct verify_settings set = *peer->settings;
	STACK_OF(X509) *chain = sk_X509_new_null();
	struct verdict verdict;
	char *text;

	set.ca.index = NULL;
	verdict_begin(&verdict, "");
	for (int i = 0; chain && i < sk_X509_num(sent); i++) {
		X509 *cert = trust_adopt(NULL, sk_X509_value(sent, i));

		if (!cert || !sk_X509_push(chain, cert))
			X509_free(cert);
	}
	if (chain && sk_X509_num(chain) == sk_X509_num(sent)) {
		verify_chain(&set, chain, &verdict);
		verdict_chain(&verdict, chain);
	}
	text = json_dumps(verdict.json, JSON_COMPACT);
	if (text && strlen(text) < POLICY_REPORT_MAX)
		strcpy(policy->report, text);
	free(text);
	verdict_free(&verdict);
	sk_X509_pop_free(chain, X509_free);
}

static void verify_on_report(const char *text, size_t len, void *arg)
{
	struct verify_peer *peer = arg;

	if (peer->reported)
		return;
	peer->reported = verdict_take(peer->verdict, text, len);
	if (!peer->reported)
		diag_warn("a peer's process sends an invalid message");
}

static void verify_on_secured(void *arg)
{
	struct verify_peer *peer = arg;

	peer->secured = true;
	verdict_check(peer->verdict, "handshake", 1, STATUS_OK, "%s", "");
	hub_stop(peer->endpoint.hub, REASON_STOPPED, STATUS_OK);
}

static void verify_on_closed(const struct hub_closed *closed, void *arg)
{
	struct verify_peer *peer = arg;
	const enum status status = reason_status(closed->reason);

	/* Like blesec-connect: an earlier link may not be closed yet. */
	if (!closed->heard && peer->address.kind != LINK_UNIX &&
	    peer->retries++ < RETRIES) {
		dial_after_disconnect(peer->dial);
		return;
	}
	if (!peer->secured && !peer->ended)
		verdict_check(peer->verdict, "handshake", 0, status ? status :
			      STATUS_LINK, "%s%s%s",
			      reason_name(closed->reason), *closed->words ?
			      ": " : "", closed->words);
	peer->ended = true;
	hub_stop(peer->endpoint.hub, closed->reason, status ? status :
		 STATUS_LINK);
}

static void verify_on_stopping(void *arg)
{
	struct verify_peer *peer = arg;

	if (peer->dial)
		dial_cancel(peer->dial);
}

static void verify_on_link(int fd, const struct link_address *address,
			   void *arg)
{
	struct verify_peer *peer = arg;
	enum status status = hub_add(peer->endpoint.hub, fd, address,
				     dial_adapter(peer->dial));

	if (status)
		hub_stop(peer->endpoint.hub, REASON_TPM, status);
}

static void verify_on_failed(enum status status, void *arg)
{
	struct verify_peer *peer = arg;

	hub_stop(peer->endpoint.hub, REASON_LINK_LOST, status);
}

static void demand_peer(struct verify_peer *peer)
{
	const struct verify_settings *set = peer->settings;
	struct endpoint *endpoint = &peer->endpoint;
	struct policy *policy = &endpoint->policy;
	struct hub_settings *hub = &endpoint->hub_settings;

	for (size_t i = 0; i < set->name_count; i++)
		endpoint->names[i] = set->names[i];
	for (size_t i = 0; i < set->pin_count; i++)
		endpoint->pins[i] = set->pins[i];
	policy->name_count = set->name_count;
	policy->pin_count = set->pin_count;
	policy->address = set->address;
	policy->role = ROLE_CENTRAL;
	policy->look = look_at_sent;
	policy->look_arg = peer;
	hub->raw = true;
	hub->on_report = verify_on_report;
	hub->on_secured = verify_on_secured;
	hub->on_closed = verify_on_closed;
	hub->on_stopping = verify_on_stopping;
	hub->arg = peer;
}

enum status verify_peer(struct verify_peer *peer, struct verdict *verdict)
{
	struct dial_settings dial = {
		.address = &peer->address,
		.adapter = peer->adapter,
		.timeout_ms = peer->timeout_ms,
		.on_link = verify_on_link,
		.on_failed = verify_on_failed,
		.arg = peer,
	};
	enum status status;

	peer->verdict = verdict;
	demand_peer(peer);
	status = endpoint_start(&peer->endpoint);
	if (!status) {
		dial.loop = peer->endpoint.loop;
		status = dial_new(&dial, &peer->dial);
	}
	if (!status) {
		dial_start(peer->dial);
		status = (enum status)loop_run(peer->endpoint.loop);
	}
	dial_free(peer->dial);
	status = endpoint_stop(&peer->endpoint, status);
	/* Report what the peer presented, whatever the outcome. */
	return peer->reported ? STATUS_OK : status ? status : STATUS_LINK;
}
