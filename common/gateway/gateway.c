/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gateway/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "gateway/gateway-part.h"

static const struct gatt_op discover = { .kind = GATT_OP_DISCOVER };

struct gateway *gateway_new(const struct gateway_settings *settings)
{
	struct gateway *gateway = calloc(1, sizeof(*gateway));

	if (!gateway)
		return NULL;
	gateway->set = *settings;
	gateway->server.db = &gateway->empty;
	if (!gateway_own_init(gateway)) {
		gateway_free(gateway);
		return NULL;
	}
	return gateway;
}

static void forget_discovery(struct gateway *gateway)
{
	gatt_explorer_free(&gateway->explorer);
	free(gateway->fresh);
	gateway->fresh = NULL;
	gateway->fresh_used = gateway->fresh_room = 0;
}

void gateway_free(struct gateway *gateway)
{
	struct central *next;

	if (!gateway)
		return;
	for (struct central *c = gateway->centrals; c; c = next) {
		next = c->next;
		free(c);
	}
	forget_discovery(gateway);
	free(gateway->table);
	free(gateway->configurations);
	gatt_db_free(&gateway->own);
	free(gateway);
}

uint16_t gateway_link_mtu(const struct gateway *gateway)
{
	return gateway->explorer.mtu ? gateway->explorer.mtu : ATT_MTU_DEFAULT;
}

bool gateway_emit(struct gateway *gateway, const uint8_t *pdu, size_t len)
{
	if (!gateway->up || gateway->busy)
		return false;
	gateway->busy = !gateway->set.to_peripheral(pdu, len,
						    gateway->set.arg);
	return !gateway->busy;
}

bool gateway_ask(struct gateway *gateway, enum asker by,
		 struct central *central, const uint8_t *pdu, size_t len,
		 uint64_t now)
{
	if (gateway->asked.by != ASKER_NOBODY ||
	    !gateway_emit(gateway, pdu, len))
		return false;
	gateway->asked.by = by;
	gateway->asked.central = central;
	gateway->asked.since = now;
	gateway->asked.len = len;
	memcpy(gateway->asked.pdu, pdu, len);
	gateway->asked.configuration = NULL;
	return true;
}

static void link_flush(struct gateway *gateway)
{
	while (gateway->out_count &&
	       gateway_emit(gateway, gateway->out[0].pdu,
			    gateway->out[0].len)) {
		gateway->out_count--;
		memmove(gateway->out, gateway->out + 1,
			gateway->out_count * sizeof(*gateway->out));
	}
}

void gateway_say(struct gateway *gateway, const uint8_t *pdu, size_t len)
{
	if (!gateway->up || !len)
		return;
	if (gateway->out_count == GATEWAY_OUT) {
		gateway_fault(gateway, "it does not wait for what it asked");
		return;
	}
	memcpy(gateway->out[gateway->out_count].pdu, pdu, len);
	gateway->out[gateway->out_count++].len = len;
	link_flush(gateway);
}

/* Whether what it was asked has been done, nobody can tell. */
static void link_lost(struct gateway *gateway)
{
	struct central *central = gateway->asked.central;

	if (!gateway->up)
		return;
	gateway->up = gateway->ready = gateway->busy = false;
	gateway->out_count = gateway->exploring.len = 0;
	forget_discovery(gateway);
	gateway_queue_lost(gateway);
	gateway_unconfigure(gateway, central);
	gateway->asked.by = ASKER_NOBODY;
	gateway->asked.central = NULL;
	gateway_unindicate(gateway);
	if (central)
		gateway_refuse(gateway, central,
			       gateway_request_handle(central),
			       ATT_ECODE_UNLIKELY_ERROR);
}

void gateway_fault(struct gateway *gateway, const char *words)
{
	if (!gateway->up)
		return;
	link_lost(gateway);
	gateway->set.fault(words, gateway->set.arg);
}

static void on_link_found(const struct gatt_found *found, void *arg)
{
	struct gateway *gateway = arg;
	size_t room = gateway->fresh_room ? 2 * gateway->fresh_room : 32;
	struct gatt_found *grown;

	if (gateway->fresh_used == gateway->fresh_room) {
		grown = realloc(gateway->fresh, room * sizeof(*grown));
		if (!grown) {
			gateway->short_of_memory = true;
			return;
		}
		gateway->fresh = grown;
		gateway->fresh_room = room;
	}
	gateway->fresh[gateway->fresh_used++] = *found;
}

void gateway_up(struct gateway *gateway, uint64_t now)
{
	link_lost(gateway);
	gateway->up = true;
	gateway->short_of_memory = false;
	gateway->explorer = (struct gatt_explorer){
		.ops = &discover,
		.count = 1,
		.arg = gateway,
		.found = on_link_found,
	};
	gateway_pump(gateway, now);
}

void gateway_down(struct gateway *gateway, uint64_t now)
{
	link_lost(gateway);
	gateway_pump(gateway, now);
}

void gateway_writable(struct gateway *gateway, uint64_t now)
{
	gateway->busy = false;
	gateway_pump(gateway, now);
}

static bool same_found(const struct gatt_found *a, const struct gatt_found *b)
{
	return a->kind == b->kind && a->handle == b->handle &&
	       a->value == b->value && a->end == b->end &&
	       a->properties == b->properties &&
	       ((!a->uuid.len && !b->uuid.len) ||
		gatt_uuid_equal(&a->uuid, &b->uuid));
}

static bool has_changed(const struct gateway *gateway)
{
	if (!gateway->known)
		return false;
	if (gateway->used != gateway->fresh_used)
		return true;
	for (size_t i = 0; i < gateway->used; i++)
		if (!same_found(&gateway->table[i], &gateway->fresh[i]))
			return true;
	return false;
}

static void drop_all(struct gateway *gateway, const char *words)
{
	for (struct central *c = gateway->centrals; c; c = c->next)
		gateway_drop(gateway, c, false, words);
}

/* False: no memory, and nothing is known any more. */
static bool take_discovery(struct gateway *gateway)
{
	free(gateway->table);
	gateway->table = gateway->fresh;
	gateway->used = gateway->fresh_used;
	gateway->fresh = NULL;
	gateway_look(gateway);
	gateway->known = gateway_list_configurations(gateway);
	return gateway->known;
}

void gateway_discovered(struct gateway *gateway)
{
	const bool changed = has_changed(gateway);

	if (changed)
		drop_all(gateway, "the peripheral's database has changed");
	if (gateway->short_of_memory ||
	    ((changed || !gateway->known) && !take_discovery(gateway))) {
		gateway_fault(gateway, "out of memory");
		return;
	}
	forget_discovery(gateway);
	for (size_t i = 0; i < gateway->configured; i++)
		gateway->configurations[i].unsure = true;
	gateway->unsettled = true;
	gateway->ready = true;
	gateway->mtu = gateway_link_mtu(gateway);
	/* A read that fills less than its MTU would be taken for all. */
	for (struct central *c = gateway->centrals; c; c = c->next)
		if (c->mtu > gateway->mtu)
			gateway_drop(gateway, c, false, "the peripheral has come "
				     "back with a smaller MTU");
	gateway->set.ready(gateway->mtu, gateway->set.arg);
}

/* The explorer's requests, until it has discovered everything. */
static void link_explore(struct gateway *gateway, uint64_t now)
{
	size_t *len = &gateway->exploring.len;

	while (!gateway->ready && !gateway->busy) {
		if (!*len) {
			*len = gatt_explorer_next(&gateway->explorer,
						  gateway->exploring.pdu);
			gateway->exploring.since = now;
		}
		if (!*len || !gateway_emit(gateway, gateway->exploring.pdu,
					   *len))
			return;
		*len = 0;
	}
}

void gateway_pump(struct gateway *gateway, uint64_t now)
{
	link_flush(gateway);
	if (gateway->up)
		link_explore(gateway, now);
	gateway_take_turns(gateway, now);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* When the answer that is waited for has to be there. */
static uint64_t answer_due(const struct gateway *gateway)
{
	if (gateway->asked.by != ASKER_NOBODY)
		return gateway->asked.since + GATEWAY_ANSWER;
	if (gateway->up && !gateway->ready)
		return gateway->exploring.since + GATEWAY_ANSWER;
	return GATEWAY_NEVER;
}

uint64_t gateway_tick(struct gateway *gateway, uint64_t now)
{
	uint64_t due;

	if (now >= answer_due(gateway))
		gateway_fault(gateway, "no answer to an ATT request for 30 s");
	gateway_expire_indication(gateway, now);
	gateway_expire_queue(gateway, now);
	gateway_expire(gateway, now);
	gateway_pump(gateway, now);
	due = answer_due(gateway);
	due = earlier(due, gateway_expire_indication(gateway, now));
	due = earlier(due, gateway_expire_queue(gateway, now));
	return earlier(due, gateway_expire(gateway, now));
}
