/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "att.h"
#include "carry.h"
#include "input.h"

#define GOODBYE_MS 3000
#define DONE_MS 35000		/* a session that is silent ends before */
#define REQUIRED_MS 45000	/* to pair, where that is required */
#define POST_MAX 256
#define LINK_GONE_MS 4000	/* until a link that pairing lost is closed */

json_t *peer_about(const struct peer *peer)
{
	json_t *json = json_object();

	if (peer->name[0])
		json_object_set_new(json, "peer", json_string(peer->name));
	json_object_set_new(json, "address", json_string(peer->address));
	json_object_set_new(json, "session", json_integer(peer->session));
	return json;
}

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

void peer_event(struct peer *peer, const char *event, json_t *more)
{
	json_t *json = peer_about(peer);

	json_object_update(json, more);
	json_decref(more);
	hub_event(peer->hub, event, json);
}

unsigned int hub_peers(const struct hub *hub)
{
	unsigned int n = 0;

	for (const struct peer *p = hub->peers; p; p = p->next)
		n++;
	return n;
}

bool peer_ready(const struct peer *peer)
{
	return peer->secured && !peer->closing && !peer->pairing;
}

/* A session whose end is that of the program. */
static bool one_peer(const struct hub *hub)
{
	return hub->set->raw || hub->set->policy->role == ROLE_CENTRAL;
}

/* Nothing left to wait for? */
static void check_stopped(struct hub *hub)
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

/* What the worker did not take yet. */
struct posted {
	struct posted *next;
	enum worker_type type;
	size_t len;
	uint8_t body[];
};

static void drop_posted(struct peer *peer)
{
	struct posted *first = peer->posted;

	peer->posted = first->next;
	peer->post_count--;
	/* It may be out-of-band data. */
	OPENSSL_clear_free(first, sizeof(*first) + first->len);
}

/* In their order, and before what comes after them. */
static void send_posted(struct peer *peer)
{
	while (peer->posted &&
	       worker_send(&peer->worker, peer->posted->type,
			   peer->posted->body, peer->posted->len) != 0)
		drop_posted(peer);
}

bool peer_post(struct peer *peer, enum worker_type type, const void *body,
	       size_t len)
{
	struct posted *posted, **at = &peer->posted;

	if (peer->closing)
		return true;
	if (peer->post_count == POST_MAX)
		return false;
	posted = malloc(sizeof(*posted) + len);
	if (!posted)
		die(STATUS_OTHER, "out of memory");
	*posted = (struct posted){ .type = type, .len = len };
	if (len)
		memcpy(posted->body, body, len);
	while (*at)
		at = &(*at)->next;
	*at = posted;
	peer->post_count++;
	send_posted(peer);
	return true;
}

static void tell_close(struct peer *peer)
{
	struct host_close close = {
		.reason = (uint8_t)peer->close_reason, .taken = peer->taken,
	};

	send_posted(peer);
	if (peer->posted) {
		peer->close_owed = true;
		return;
	}
	peer->close_owed = worker_send(&peer->worker, HOST_CLOSE, &close,
				       sizeof(close)) == 0;
}

void peer_close(struct peer *peer, enum reason reason)
{
	if (peer->closing)
		return;
	peer->closing = true;
	peer->owed = false;
	peer->close_reason = reason;
	tell_close(peer);
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
		    one_peer(hub) && p->secured && !p->paired) {
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
		   reason == REASON_DONE ? DONE_MS : GOODBYE_MS, goodbye_over,
		   hub);
}

static void remove_peer(struct peer *peer)
{
	struct hub *hub = peer->hub;
	struct peer **at = &hub->peers;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	loop_unwatch(hub->loop, peer->worker.fd);
	loop_cancel(hub->loop, &peer->pair_deadline);
	worker_stop(&peer->worker);
	while (peer->posted)
		drop_posted(peer);
	if (peer->link >= 0)
		close(peer->link);
	free(peer);
}

void peer_closed(struct peer *peer, enum reason reason, const char *words,
		 bool heard)
{
	struct hub *hub = peer->hub;
	const bool pairing = hub->exchange &&
			     pair_exchange_forget(hub->exchange, peer);
	struct hub_closed closed = {
		.reason = reason, .heard = heard, .secured = peer->secured,
		.pairing = pairing || peer->pair_failed,
		.sent = peer->sent > 0,
	};
	json_t *more = json_pack("{s:s}", "reason", reason_name(reason));

	if (*words)
		json_object_set_new(more, "detail", json_string(words));
	/* Of an error here was told when it came. */
	if (*words || (reason_status(reason) && reason != REASON_ERROR))
		diag_warn("%s: %s%s%s", peer->address, reason_name(reason),
			  *words ? ": " : "", words);
	hub->carry->closed(peer);
	closed.failed = peer->failed;
	peer_event(peer, "closed", more);
	remove_peer(peer);
	if (!hub->stopping)
		hub->set->on_closed(&closed, hub->set->arg);
	else if (!hub->status && hub->stop_reason == REASON_DONE &&
		 one_peer(hub))
		hub->status = reason_status(reason);
	check_stopped(hub);
	hub_feed(hub);
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

/* Pairing. */

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

static void begin_pairing(struct peer *peer)
{
	if (peer->hub->set->pair_required)
		loop_after(peer->hub->loop, &peer->pair_deadline, REQUIRED_MS,
			   not_paired_in_time, peer);
	if (!peer->hub->exchange || peer->link < 0)
		return;
	/* A peripheral does not know whether it will be asked to. */
	peer->pairing = peer->hub->set->policy->role == ROLE_CENTRAL ||
			peer->hub->set->pair_required;
	pair_exchange_begin(peer->hub->exchange, peer, &peer->where,
			    peer->adapter, peer->link);
}

static void on_pairing_message(struct peer *peer, const uint8_t *body,
			       size_t len)
{
	static const uint8_t unwanted[2] = { PAIR_REFUSE, PAIR_UNWANTED };

	if (peer->hub->exchange && peer->link >= 0)
		pair_exchange_receive(peer->hub->exchange, peer, body, len);
	else if (body[0] == PAIR_OFFER)
		send_pairing(peer, unwanted, sizeof(unwanted));
}

static void on_secured(struct peer *peer, const struct worker_secured *secure)
{
	struct hub *hub = peer->hub;

	memcpy(peer->name, secure->peer, sizeof(peer->name));
	memcpy(peer->pin, secure->pin, sizeof(peer->pin));
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
	hub_expect_message(hub);
	begin_pairing(peer);
	hub_feed(hub);
}

/* A central that pairs waits with data, and with its end, until it has. */
static bool too_early(struct peer *peer)
{
	if (!peer->pairing || !peer->hub->set->pair_required ||
	    peer->hub->set->policy->role == ROLE_CENTRAL)
		return false;
	diag_warn("%s begins before it is paired", peer->address);
	peer_close(peer, REASON_NOT_PAIRED);
	return true;
}

static void on_data(struct peer *peer, const uint8_t *body, size_t len)
{
	struct hub *hub = peer->hub;

	if (hub->stopping)
		return;
	if (too_early(peer) || !hub->carry->message(peer, body, len))
		return;
	peer->taken++;
	hub_received(hub);
}

/* When all is taken: answer a goodbye, or say it if nothing can follow. */
static void check_done(struct peer *peer)
{
	const struct carry *carry = peer->hub->carry;

	if (!peer->closing && carry->flushed(peer) &&
	    (peer->answering || (!peer->pairing && carry->over(peer))))
		peer_close(peer, REASON_DONE);
}

/* A session in order is one in which each has taken all of the other's. */
static void on_closed(struct peer *peer, const struct worker_closed *closed)
{
	struct worker_closed last = *closed;
	bool in_order = last.reason == REASON_DONE ||
			last.reason == REASON_PEER_CLOSED;
	struct hub *hub = peer->hub;
	const char *missing = hub->carry->missing(peer);

	if (last.psm && hub->set->on_psm && !peer->secured && !peer->where.psm) {
		remove_peer(peer);
		if (!hub->stopping)
			hub->set->on_psm(last.psm, hub->set->arg);
		check_stopped(hub);
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
			on_pairing_message(peer, body, len);
		break;
	case WORKER_GATT:
		if (peer->secured && !peer->closing && hub->carry->gatt)
			hub->carry->gatt(peer, (const void *)body,
					 body + sizeof(struct worker_gatt),
					 len - sizeof(struct worker_gatt));
		break;
	case WORKER_FOUND:
	case WORKER_RESULT:
	case WORKER_NOTIFIED:
	case WORKER_EXPLORED:
		if (peer->secured && !hub->stopping && hub->carry->explored)
			hub->carry->explored(peer, (enum worker_type)type,
					     body, len);
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

static void on_worker(short ready, void *arg)
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

enum status hub_add(struct hub *hub, int link,
		    const struct link_address *address, uint16_t adapter)
{
	struct worker_settings settings = {
		.context = hub->set->context,
		.policy = hub->set->policy,
		.link = link,
		.name = hub->set->name,
		.timeout_ms = hub->set->timeout_ms,
		.sdu_max = address->psm ? link_sdu_max(link) : 0,
		.psm = hub->set->psm,
		.profile = hub->set->profile,
		.ops = hub->set->ops,
		.op_count = hub->set->op_count,
		.look_for_coc = hub->set->look_for_coc,
		.need_coc = hub->set->need_coc,
	};
	struct peer *peer = calloc(1, sizeof(*peer));
	enum status status;

	if (!peer)
		die(STATUS_OTHER, "out of memory");
	link_name(address, peer->address);
	peer->where = *address;
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
	status = signer_open(hub->set->signer, &settings.signer);
	if (status) {
		close(link);
		hub_event(hub, "error", json_pack("{s:s, s:s}", "address",
			  peer->address, "reason", reason_name(REASON_TPM)));
	} else if (worker_start(&peer->worker, &settings) < 0) {
		status = STATUS_OTHER;
	}
	if (status) {
		if (peer->link >= 0)
			close(peer->link);
		free(peer);
		return status;
	}
	peer->hub = hub;
	peer->session = ++hub->sessions;
	peer->next = hub->peers;
	hub->peers = peer;
	loop_watch(hub->loop, peer->worker.fd, POLLIN, on_worker, peer);
	hub_feed(hub);
	return STATUS_OK;
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

/* Move what can be moved, and set what to wait for. */
void hub_feed(struct hub *hub)
{
	for (struct peer *p = hub->peers; p; p = p->next)
		send_posted(p);
	hub->carry->feed(hub);
	for (struct peer *p = hub->peers; p; p = p->next) {
		bool wait, full = hub->carry->full(p) && !hub->stopping;

		check_done(p);
		if (p->close_owed)
			tell_close(p);
		wait = p->owed || p->end_owed || p->close_owed ||
		       p->posted;
		loop_events(hub->loop, p->worker.fd,
			    (short)((full ? 0 : POLLIN) |
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

struct hub *hub_new(struct loop *loop, const struct hub_settings *settings)
{
	struct hub *hub = calloc(1, sizeof(*hub));

	if (!hub)
		die(STATUS_OTHER, "out of memory");
	hub->loop = loop;
	hub->set = settings;
	hub->output = output_new(loop, STDOUT_FILENO, on_output, hub);
	hub->carry = settings->command ? &carry_command :
		     settings->profile ? &carry_gatt :
		     settings->op_count ? &carry_explore : &carry_lines;
	hub->carry->start(hub);
	loop_signals(loop, on_signal, hub);
	if (settings->pair) {
		hub->exchange_set = (struct pair_exchange_settings){
			.loop = loop, .role = settings->policy->role,
			.bond = settings->bond, .send = send_pairing,
			.on_event = on_pairing_event,
			.on_done = on_pairing_done,
		};
		hub->exchange = pair_exchange_new(&hub->exchange_set);
	}
	return hub;
}

void hub_replace(struct hub *hub, const struct link_address *address)
{
	for (struct peer *p = hub->peers, *next; p; p = next) {
		next = p->next;
		if (!p->secured && !p->where.psm &&
		    !bacmp(&p->where.bdaddr, &address->bdaddr) &&
		    p->where.bdaddr_type == address->bdaddr_type)
			peer_closed(p, REASON_PEER_CLOSED, "", true);
	}
}

void hub_stop_pairing(struct hub *hub)
{
	pair_exchange_free(hub->exchange);
	hub->exchange = NULL;
}

void hub_free(struct hub *hub)
{
	hub_stop_pairing(hub);
	while (hub->peers)
		remove_peer(hub->peers);
	loop_cancel(hub->loop, &hub->goodbye);
	loop_cancel(hub->loop, &hub->quiet);
	hub->carry->stop(hub);
	output_free(hub->output, 1000);
	free(hub);
}
