/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Send lines of stdin to every peer, and messages of peers to stdout; or one
 * plain stream; or nothing at all.
 */
#include "config.h"
#include "hub/hub-part.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/input.h"
#include "base/limits.h"

struct lines {
	struct input *input;
	/* One message at a time, to all peers. */
	const uint8_t *message;
	size_t message_len;
	bool sending;
	struct loop_timer lag;
};

static void lines_on_input(void *arg)
{
	struct hub *hub = arg;
	const struct lines *lines = hub->carried;

	if (input_broken(lines->input))
		hub_stop(hub, REASON_ERROR, STATUS_OTHER);
	hub_feed(hub);
}

static void lines_start(struct hub *hub)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		die(STATUS_OTHER, "out of memory");
	hub->carried = lines;
	lines->input = input_new(hub->loop, STDIN_FILENO, "stdin",
				 hub->set->raw, lines_on_input, hub);
}

static void lines_stop(struct hub *hub)
{
	struct lines *lines = hub->carried;

	loop_cancel(hub->loop, &lines->lag);
	input_free(lines->input);
	free(lines);
}

static bool lines_sending(const struct hub *hub)
{
	return ((const struct lines *)hub->carried)->sending;
}

static bool lines_refused(const struct hub *hub)
{
	return input_refused(((const struct lines *)hub->carried)->input);
}

static unsigned int ready_peers(const struct hub *hub)
{
	unsigned int n = 0;

	for (const struct peer *p = hub->peers; p; p = p->next)
		n += peer_ready(p);
	return n;
}

/* Close a peer that keeps the others waiting. */
static void lines_lag_over(void *arg)
{
	struct hub *hub = arg;

	for (struct peer *p = hub->peers, *next; p; p = next) {
		next = p->next;
		if (p->owed) {
			diag_warn("%s does not keep up with the other peers",
				  p->address);
			peer_close(p, REASON_TOO_SLOW);
			/* It is not listening: do not wait for its answer. */
			hub_peer_closed(p, REASON_TOO_SLOW, "", true);
			return;
		}
	}
}

/* Offer the current message to those who have not taken it. */
static bool lines_offer(struct hub *hub)
{
	const struct lines *lines = hub->carried;
	bool owed = false;

	for (struct peer *p = hub->peers; p; p = p->next)
		if (p->owed &&
		    !peer_send(p, lines->message, lines->message_len))
			owed = true;
	return owed;
}

static bool lines_next(struct hub *hub)
{
	struct lines *lines = hub->carried;

	while (!hub->stopping && ready_peers(hub)) {
		if (lines->sending && lines_offer(hub))
			return true;
		loop_cancel(hub->loop, &lines->lag);
		lines->sending = input_next(lines->input, &lines->message,
					    &lines->message_len);
		if (!lines->sending)
			return false;
		for (struct peer *p = hub->peers; p; p = p->next) {
			p->owed = peer_ready(p);
			p->sent += p->owed;
		}
		hub_expect_message(hub);
	}
	return false;
}

static void lines_feed(struct hub *hub)
{
	struct lines *lines = hub->carried;
	bool owed = lines_next(hub);

	if (input_ended(lines->input))
		for (struct peer *p = hub->peers; p; p = p->next)
			peer_end(p);
	if (owed && ready_peers(hub) > 1 && !lines->lag.armed)
		loop_after(hub->loop, &lines->lag, LINES_LAG_MS,
			   lines_lag_over, hub);
	input_want(lines->input, !hub->stopping && ready_peers(hub) && !owed);
}

/* A peripheral waits for the next central, unless it serves but one. */
static bool lines_over(const struct peer *peer)
{
	return peer->ended && peer->end_told &&
	       (peer->set->raw ||
		peer->set->session.policy->role == ROLE_CENTRAL);
}

/* Each line is complete by itself, a stream when both ends have come. */
static const char *lines_missing(const struct peer *peer)
{
	if (!peer->set->raw || (peer->ended && peer->end_told))
		return NULL;
	return peer->ended ? "the end of the stream"
			   : "the peer's end of the stream";
}

const struct carry carry_lines = {
	.start = lines_start, .stop = lines_stop, .feed = lines_feed,
	.sending = lines_sending, .refused = lines_refused,
	.over = lines_over, .missing = lines_missing,
};

static bool nothing_message(struct peer *peer, const uint8_t *body, size_t len)
{
	(void)peer;
	(void)body;
	(void)len;
	return true;
}

const struct carry carry_nothing = { .message = nothing_message };
