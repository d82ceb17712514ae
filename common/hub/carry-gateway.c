/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A gateway: pass ATT between the channels and the process that has the link to
 * the peripheral.  The peripheral is found and connected to here, and again when
 * it has gone.
 */
#include "config.h"
#include "hub/hub-part.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "bluetooth/dial.h"
#include "gateway/gateway-process.h"
#include "process/message.h"

#define LINK_MS 30000

struct gate {
	struct hub *hub;
	const struct hub_gateway *set;
	struct worker worker;
	int links;
	struct dial_settings dial_settings;
	struct dial *dial;		/* NULL: the adapter is missing */
	struct loop_timer again;
	unsigned int backoff_s;
	bool linked, ready;		/* it has a link; it serves centrals */
	bool lingers;			/* the last link, which we closed, may */
};

struct central {
	unsigned int held;	/* PDUs from the peer that the process holds */
	bool joined;		/* the process knows about the peer */
	uint8_t told;		/* 0, or 1 + the state it was last told */
};

static void gate_tell_state(struct gate *gate, const char *state, json_t *more)
{
	char name[LINK_NAME_MAX];
	json_t *json;

	link_name(&gate->set->address, name);
	json = json_pack("{s:s, s:s}", "address", name, "state", state);
	json_object_update(json, more);
	json_decref(more);
	hub_event(gate->hub, "peripheral", json);
}

/* Finding the peripheral. */

static void gate_dial_now(void *arg)
{
	struct gate *gate = arg;

	if (gate->hub->stopping)
		return;
	/* A connection made before the last one is down is that last one. */
	if (gate->lingers)
		dial_after_disconnect(gate->dial);
	else
		dial_start(gate->dial);
	gate->lingers = false;
}

static void gate_dial_later(struct gate *gate)
{
	const unsigned int seconds = gate->backoff_s ? gate->backoff_s : 1;

	gate->backoff_s = 2 * seconds < GATEWAY_BACKOFF_MAX_S ? 2 * seconds
						      : GATEWAY_BACKOFF_MAX_S;
	gate_tell_state(gate, "waiting", json_pack("{s:i}", "seconds",
						   (int)seconds));
	loop_after(gate->hub->loop, &gate->again, 1000ULL * seconds,
		   gate_dial_now, gate);
}

static void gate_on_link(int fd, const struct link_address *peer, void *arg)
{
	struct gate *gate = arg;

	(void)peer;
	gate->linked = !gateway_process_link(gate->links, fd);
	if (!gate->linked)
		gate_dial_later(gate);
}

static void gate_on_failed(enum status status, void *arg)
{
	struct gate *gate = arg;

	(void)status;
	if (dial_adapter_gone(gate->dial))
		hub_stop(gate->hub, REASON_LINK_LOST, STATUS_LINK);
	else
		gate_dial_later(gate);
}

static void gate_on_advertising(const uint8_t *data, size_t len, void *arg)
{
	struct gate *gate = arg;

	worker_post(&gate->worker, HOST_ADVERTISING, data,
		    len < GATEWAY_ADVERTISING_MAX ? len
						  : GATEWAY_ADVERTISING_MAX);
}

/* The gateway's process. */

static struct peer *gate_peer(struct gate *gate, const uint8_t *body)
{
	uint32_t number;

	memcpy(&number, body, sizeof(number));
	for (struct peer *p = gate->hub->peers; p; p = p->next)
		if (p->session == number)
			return p;
	return NULL;
}

/* The process may have been taken over by the peripheral. */
static void gate_distrust(struct gate *gate)
{
	diag_error("the gateway's process sends invalid messages");
	hub_stop(gate->hub, REASON_ERROR, STATUS_OTHER);
}

static void gate_on_pdu(void *arg, const uint8_t *body, size_t len)
{
	const size_t head = sizeof(uint32_t);
	struct peer *peer = gate_peer(arg, body);

	if (peer && !peer_post(peer, HOST_ATT, body + head, len - head))
		peer_close(peer, REASON_TOO_SLOW);
}

static void gate_on_taken(void *arg, const uint8_t *body, size_t len)
{
	struct peer *peer = gate_peer(arg, body);

	(void)len;
	if (peer) {
		struct central *central = peer->carried;

		central->held -= central->held > 0;
	}
}

static void gate_on_drop(void *arg, const uint8_t *body, size_t len)
{
	const struct gateway_drop *drop = (const void *)body;
	struct peer *peer = gate_peer(arg, body);

	(void)len;
	if (!peer)
		return;
	diag_warn("%s: %s", peer->address, (const char *)body + sizeof(*drop));
	peer_close(peer, drop->at_fault ? REASON_PROTOCOL : REASON_PERIPHERAL);
}

static void gate_on_ready(void *arg, const uint8_t *body, size_t len)
{
	struct gate *gate = arg;
	uint16_t mtu;

	(void)len;
	memcpy(&mtu, body, sizeof(mtu));
	gate->ready = true;
	gate->backoff_s = 0;
	gate_tell_state(gate, "ready", json_pack("{s:i}", "mtu", mtu));
}

static void gate_on_lost(void *arg, const uint8_t *body, size_t len)
{
	struct gate *gate = arg;
	const char *words = (const char *)body;

	(void)len;
	if (*words)
		diag_warn("the peripheral %s: %s", gate->set->address.text,
			  words);
	gate->linked = gate->ready = false;
	gate->lingers = *words && gate->set->address.kind == LINK_DEVICE;
	gate_tell_state(gate, "gone", json_object());
	gate_dial_later(gate);
}

static const worker_handler gate_handlers[MESSAGE_COUNT] = {
	[WORKER_LOG] = worker_on_log,
	[GATEWAY_PDU] = gate_on_pdu,
	[GATEWAY_TAKEN] = gate_on_taken,
	[GATEWAY_DROP] = gate_on_drop,
	[GATEWAY_READY] = gate_on_ready,
	[GATEWAY_LOST] = gate_on_lost,
};

static const struct worker_receiver gate_receiver = {
	messages, gate_handlers, MESSAGE_COUNT, MESSAGE_FROM_GATEWAY,
};

static void gate_on_process(short ready, void *arg)
{
	struct gate *gate = arg;
	const enum message_state state = !gate->linked ? MESSAGE_UNLINKED :
		!gate->ready ? MESSAGE_LINKED : MESSAGE_SERVING;
	int result = WORKER_NOTHING;

	if (ready & (POLLIN | POLLHUP))
		result = worker_receive(&gate->worker, &gate_receiver, state,
					gate);
	if (result == WORKER_UNTIMELY)
		gate_distrust(gate);
	if (result == WORKER_REFUSED) {
		diag_error("the process of the gateway has ended");
		loop_unwatch(gate->hub->loop, gate->worker.fd);
		hub_stop(gate->hub, REASON_ERROR, STATUS_OTHER);
	}
	hub_feed(gate->hub);
}

/* Requests from peers. */

static void gate_att(struct peer *peer, const uint8_t *pdu, size_t len)
{
	struct gate *gate = peer->hub->carried;
	struct central *central = peer->carried;
	const uint32_t number = peer->session;
	uint8_t body[sizeof(number) + ATT_MTU_OFFERED];

	memcpy(body, &number, sizeof(number));
	if (!central->joined)
		central->joined = worker_post(&gate->worker, HOST_CENTRAL,
					      body, sizeof(number));
	memcpy(body + sizeof(number), pdu, len);
	/* The peer's process has ended, and the rest of its output was read. */
	if (central->held >= GATEWAY_HELD)
		return;
	central->held++;
	if (!central->joined ||
	    !worker_post(&gate->worker, HOST_CENTRAL_PDU, body,
			 sizeof(number) + len))
		peer_close(peer, REASON_TOO_SLOW);
}

static void gate_feed(struct hub *hub)
{
	struct gate *gate = hub->carried;
	const uint8_t state = gate->ready;

	for (struct peer *p = hub->peers; p; p = p->next) {
		struct central *central = p->carried;

		if (peer_ready(p) && central->told != 1 + state &&
		    peer_post(p, HOST_PERIPHERAL, &state, 1))
			central->told = 1 + state;
	}
	loop_events(hub->loop, gate->worker.fd,
		    (short)((output_full(hub->output) ? 0 : POLLIN) |
			    (worker_flush(&gate->worker) ? 0 : POLLOUT)));
}

static bool gate_full(const struct peer *peer)
{
	const struct central *central = peer->carried;

	return output_full(peer->hub->output) || central->held >= GATEWAY_HELD;
}

static void gate_closed(struct peer *peer)
{
	struct gate *gate = peer->hub->carried;
	const struct central *central = peer->carried;
	const uint32_t number = peer->session;

	if (central->joined)
		worker_post(&gate->worker, HOST_CENTRAL_GONE, &number,
			    sizeof(number));
}

static void gate_start(struct hub *hub)
{
	struct gate *gate = calloc(1, sizeof(*gate));
	const struct hub_gateway *set = hub->set->gateway;
	const struct gateway_settings settings = {
		.expose = set->expose, .expose_count = set->expose_count,
		.read_only = set->read_only,
	};
	enum status status;

	if (!gate)
		die(STATUS_OTHER, "out of memory");
	hub->carried = gate;
	gate->hub = hub;
	gate->set = set;
	gate->dial_settings = (struct dial_settings){
		.loop = hub->loop, .address = &set->address,
		.adapter = set->adapter, .timeout_ms = LINK_MS,
		.on_link = gate_on_link, .on_failed = gate_on_failed,
		.on_advertising = gate_on_advertising, .arg = gate,
	};
	if (gateway_process_start(&gate->worker, &gate->links, &settings))
		exit(STATUS_OTHER);
	loop_watch(hub->loop, gate->worker.fd, POLLIN, gate_on_process, gate);
	status = dial_new(&gate->dial_settings, &gate->dial);
	if (status)
		exit((int)status);
	dial_start(gate->dial);
}

static void gate_stop(struct hub *hub)
{
	struct gate *gate = hub->carried;

	loop_cancel(hub->loop, &gate->again);
	dial_free(gate->dial);
	loop_unwatch(hub->loop, gate->worker.fd);
	worker_stop(&gate->worker, hub->loop);
	close(gate->links);
	free(gate);
}

const struct carry carry_gateway = {
	.peer_size = sizeof(struct central),
	.start = gate_start, .stop = gate_stop, .att = gate_att,
	.feed = gate_feed, .full = gate_full, .closed = gate_closed,
};
