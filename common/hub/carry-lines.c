/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of stdin to every peer, and messages of peers to stdout; or raw. */
#include "config.h"
#include "hub/carry.h"

#include <unistd.h>

#include "base/input.h"

#define LAG_MS 10000

static void on_input(void *arg)
{
	struct hub *hub = arg;

	if (input_broken(hub->input))
		hub_stop(hub, REASON_ERROR, STATUS_OTHER);
	hub_feed(hub);
}

static void start(struct hub *hub)
{
	hub->input = input_new(hub->loop, STDIN_FILENO, "stdin",
			       hub->set->raw, on_input, hub);
}

static void stop(struct hub *hub)
{
	loop_cancel(hub->loop, &hub->lag);
	input_free(hub->input);
}

static unsigned int ready_peers(const struct hub *hub)
{
	unsigned int n = 0;

	for (const struct peer *p = hub->peers; p; p = p->next)
		n += peer_ready(p);
	return n;
}

/* Peers that keep the others waiting. */
static void lag_over(void *arg)
{
	struct hub *hub = arg;

	for (struct peer *p = hub->peers, *next; p; p = next) {
		next = p->next;
		if (p->owed) {
			diag_warn("%s does not keep up with the other peers",
				  p->address);
			peer_close(p, REASON_TOO_SLOW);
			/* It is not listening: no goodbye will help. */
			peer_closed(p, REASON_TOO_SLOW, "", true);
			return;
		}
	}
}

/* Offer the current message to those who have not taken it. */
static bool offer(struct hub *hub)
{
	bool owed = false;

	for (struct peer *p = hub->peers; p; p = p->next)
		if (p->owed && !peer_send(p, hub->message, hub->message_len))
			owed = true;
	return owed;
}

static bool next_messages(struct hub *hub)
{
	while (!hub->stopping && ready_peers(hub)) {
		if (hub->sending && offer(hub))
			return true;
		loop_cancel(hub->loop, &hub->lag);
		hub->sending = input_next(hub->input, &hub->message,
					  &hub->message_len);
		if (!hub->sending)
			return false;
		for (struct peer *p = hub->peers; p; p = p->next) {
			p->owed = peer_ready(p);
			p->sent += p->owed;
		}
		hub_expect_message(hub);
	}
	return false;
}

static void feed(struct hub *hub)
{
	bool owed = next_messages(hub);

	if (input_ended(hub->input))
		for (struct peer *p = hub->peers; p; p = p->next)
			peer_end(p);
	if (owed && ready_peers(hub) > 1 && !hub->lag.armed)
		loop_after(hub->loop, &hub->lag, LAG_MS, lag_over, hub);
	input_want(hub->input, !hub->stopping && ready_peers(hub) && !owed);
}

/* A peripheral waits for the next central, unless it serves but one. */
static bool over(const struct peer *peer)
{
	return peer->ended && peer->end_told &&
	       (peer->hub->set->raw ||
		peer->hub->set->session.policy->role == ROLE_CENTRAL);
}

/* Lines are whole when they come; a stream is when both ends have come. */
static const char *missing(const struct peer *peer)
{
	if (!peer->hub->set->raw || (peer->ended && peer->end_told))
		return NULL;
	return peer->ended ? "the end of the stream"
			   : "the peer's end of the stream";
}

const struct carry carry_lines = {
	.start = start, .stop = stop, .feed = feed, .over = over,
	.missing = missing,
};
