/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The centrals: what they send is held, in order, until it is their turn. */
#include "config.h"
#include "gateway/gateway-part.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static struct central *find_central(const struct gateway *gateway,
				    uint32_t number)
{
	struct central *c = gateway->centrals;

	while (c && c->number != number)
		c = c->next;
	return c;
}

/* Its turn is after all others. */
static void append_central(struct gateway *gateway, struct central *central)
{
	struct central **end = &gateway->centrals;

	while (*end)
		end = &(*end)->next;
	central->next = NULL;
	*end = central;
}

static void unlink_central(struct gateway *gateway, struct central *central)
{
	struct central **at = &gateway->centrals;

	while (*at != central)
		at = &(*at)->next;
	*at = central->next;
}

bool gateway_add(struct gateway *gateway, uint32_t number)
{
	struct central *central = calloc(1, sizeof(*central));

	if (!central)
		return false;
	central->number = number;
	central->mtu = ATT_MTU_DEFAULT;
	central->server.db = &gateway->own;
	central->server.mtu = ATT_MTU_DEFAULT;
	central->server.optional = true;
	append_central(gateway, central);
	return true;
}

void gateway_leave(struct gateway *gateway, struct central *central)
{
	gateway_unprepare(gateway, central);
	if (gateway->asked.central == central)
		gateway->asked.central = NULL;
	while (central->count)
		gateway_release(gateway, central, 0);
	/* They are not wanted any more. */
	central->server.configured = 0;
	gateway->unsettled = true;
	central->confirming = central->owed = false;
	gateway_confirm(gateway);
}

void gateway_drop(struct gateway *gateway, struct central *central,
		  bool at_fault, const char *words)
{
	if (central->dropped)
		return;
	central->dropped = true;
	gateway_leave(gateway, central);
	gateway->set.drop(central->number, at_fault, words,
			  gateway->set.arg);
}

void gateway_remove(struct gateway *gateway, uint32_t number, uint64_t now)
{
	struct central *central = find_central(gateway, number);

	if (!central)
		return;
	if (!central->dropped)
		gateway_leave(gateway, central);
	unlink_central(gateway, central);
	free(central);
	gateway_pump(gateway, now);
}

const struct held *gateway_request(const struct central *central)
{
	return central->held;
}

uint16_t gateway_request_handle(const struct central *central)
{
	const struct held *held = gateway_request(central);

	if (held->pdu[0] == ATT_EXCHANGE_MTU_REQ ||
	    held->pdu[0] == ATT_EXECUTE_WRITE_REQ || held->len < 3)
		return 0;
	return get_le16(held->pdu + 1);
}

void gateway_release(struct gateway *gateway, struct central *central,
		     size_t index)
{
	if (!(central->held[index].pdu[0] & ATT_COMMAND_FLAG)) {
		central->asking = central->whole = false;
		central->from = 0;
	}
	central->count--;
	memmove(&central->held[index], &central->held[index + 1],
		(central->count - index) * sizeof(*central->held));
	gateway->set.taken(central->number, gateway->set.arg);
}

void gateway_respond(struct gateway *gateway, struct central *central,
		     const uint8_t *pdu, size_t len)
{
	gateway->set.to_central(central->number, pdu, len, gateway->set.arg);
	gateway_release(gateway, central, 0);
}

void gateway_refuse(struct gateway *gateway, struct central *central,
		    uint16_t handle, uint8_t error)
{
	uint8_t pdu[5] = { ATT_ERROR_RSP, gateway_request(central)->pdu[0] };

	put_le16(pdu + 2, handle);
	pdu[4] = error;
	gateway_respond(gateway, central, pdu, sizeof(pdu));
}

/* NULL, or what is wrong with what a central sent. */
static const char *fault_of(const struct central *central, const uint8_t *pdu,
			    size_t len)
{
	if (!len || len > ATT_MTU_OFFERED)
		return "it sends an ATT PDU of an impossible length";
	if (!gatt_server_takes(pdu[0]))
		return "it answers what was not asked";
	if (pdu[0] == ATT_HANDLE_VALUE_CFM)
		return NULL;
	if (central->asking && !(pdu[0] & ATT_COMMAND_FLAG))
		return "it asks again before it has its answer";
	if (central->count == GATEWAY_HELD)
		return "it sends more than is held for it";
	return NULL;
}

static void hold_pdu(struct central *central, const uint8_t *pdu, size_t len,
		     uint64_t now)
{
	struct held *held = &central->held[central->count++];

	held->since = now;
	held->len = len;
	memcpy(held->pdu, pdu, len);
	if (!(pdu[0] & ATT_COMMAND_FLAG))
		central->asking = true;
}

void gateway_central(struct gateway *gateway, uint32_t number,
		     const uint8_t *pdu, size_t len, uint64_t now)
{
	struct central *central = find_central(gateway, number);
	const char *fault;

	if (!central)
		return;
	fault = central->dropped ? NULL : fault_of(central, pdu, len);
	if (fault)
		gateway_drop(gateway, central, true, fault);
	if (!central->dropped && pdu[0] != ATT_HANDLE_VALUE_CFM) {
		hold_pdu(central, pdu, len, now);
	} else {
		if (!central->dropped && len == 1)
			gateway_confirmed(gateway, central, now);
		gateway->set.taken(number, gateway->set.arg);
	}
	gateway_pump(gateway, now);
}

/* Has the peripheral the first that is held? */
static bool in_flight(const struct gateway *gateway,
		      const struct central *central)
{
	return gateway->asked.central == central;
}

/* One PDU.  Commands need not wait for the answer to what is before them. */
static bool serve_one(struct gateway *gateway, struct central *central,
		      uint64_t now)
{
	const size_t index = in_flight(gateway, central) ? 1 : 0;

	if (index >= central->count ||
	    !gateway_serve(gateway, central, index, now))
		return false;
	if (!index && in_flight(gateway, central)) {
		unlink_central(gateway, central);
		append_central(gateway, central);
	}
	return true;
}

void gateway_take_turns(struct gateway *gateway, uint64_t now)
{
	struct central *next;
	bool more;

	do {
		more = false;
		gateway_settle(gateway, now);
		for (struct central *c = gateway->centrals; c; c = next) {
			next = c->next;
			more |= serve_one(gateway, c, now);
		}
	} while (more);
}

uint64_t gateway_expire(struct gateway *gateway, uint64_t now)
{
	uint64_t due = GATEWAY_NEVER;

	for (struct central *c = gateway->centrals; c; c = c->next) {
		size_t i = in_flight(gateway, c) ? 1 : 0;

		while (i < c->count && c->held[i].since + GATEWAY_HOLD <= now)
			if (c->held[i].pdu[0] & ATT_COMMAND_FLAG)
				gateway_release(gateway, c, i);
			else
				gateway_refuse(gateway, c,
					       gateway_request_handle(c),
					       ATT_ECODE_UNLIKELY_ERROR);
		if (i < c->count && c->held[i].since + GATEWAY_HOLD < due)
			due = c->held[i].since + GATEWAY_HOLD;
	}
	return due;
}
