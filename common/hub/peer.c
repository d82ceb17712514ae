/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "hub/peer.h"

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
	peer->ops->event(peer, event, json);
}

bool peer_ready(const struct peer *peer)
{
	return peer->secured && !peer->closing && !peer->pairing;
}

bool peer_has_gatt(const struct peer *peer)
{
	const struct gatt_profile *profile = peer->set->session.profile;

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

static void not_closed(void *arg)
{
	struct peer *peer = arg;

	peer->ops->not_closed(peer);
}

void peer_hurry(struct peer *peer)
{
	loop_after(peer->loop, &peer->close_deadline, PEER_GOODBYE_MS,
		   not_closed, peer);
}

void peer_close(struct peer *peer, enum reason reason)
{
	if (peer->closing)
		return;
	peer->closing = true;
	peer->owed = false;
	peer->close_reason = reason;
	/* A finished peer may take its time, one that is evicted may not. */
	if (reason != REASON_DONE)
		peer_hurry(peer);
	peer_tell_close(peer);
}

void peer_free(struct peer *peer)
{
	if (peer->link >= 0)
		close(peer->link);
	free(peer->carried);
	free(peer);
}
