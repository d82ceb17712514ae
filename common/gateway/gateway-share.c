/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The centrals: what they send is held, in order, until it is their turn; and
 * what they share of one client: its Client Characteristic Configurations,
 * which are what any of them wants, its confirmations, and the queue of
 * prepared writes (Core 5.4 Vol 3 Part F 3.4.6), which a central that has begun
 * has for itself until it executes.
 */
#include "config.h"
#include "gateway/gateway-part.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define EXECUTE_CANCEL 0
#define EXECUTE_WRITE 1

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
	central->server.db = &gateway->view.own;
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

/* What all of them want, and the gateway. */
static uint8_t wanted_bits(const struct gateway *gateway,
			   const struct configuration *configuration)
{
	uint8_t bits = configuration->services ?
		       configuration->allowed & GATT_CONFIGURATION_INDICATE : 0;

	for (const struct central *c = gateway->centrals; c; c = c->next)
		bits |= gateway_bits(&c->server, configuration->handle);
	return bits;
}

static bool ask_configuration(struct gateway *gateway, enum asker by,
			      struct central *central,
			      struct configuration *configuration, uint64_t now)
{
	uint8_t pdu[5] = { ATT_WRITE_REQ };

	put_le16(pdu + 1, configuration->handle);
	put_le16(pdu + 3, wanted_bits(gateway, configuration));
	if (!gateway_ask(gateway, by, central, pdu, sizeof(pdu), now))
		return false;
	gateway->asked.configuration = configuration;
	return true;
}

bool gateway_configure(struct gateway *gateway, struct central *central,
		       struct configuration *configuration,
		       const struct held *held, uint64_t now)
{
	static const uint8_t rsp[] = { ATT_WRITE_RSP };
	const uint16_t handle = configuration->handle;
	const uint8_t before = gateway_bits(&central->server, handle);
	uint16_t bits;
	uint8_t error = 0;

	if (gateway->asked.configuration == configuration)
		return false;
	/* The same errors as gatt-access.c has. */
	if (held->len != 5)
		error = ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
	else if (bits = get_le16(held->pdu + 3), bits & ~configuration->allowed)
		error = ATT_ECODE_VALUE_NOT_ALLOWED;
	else if (!gatt_server_configure(&central->server, handle, bits))
		error = ATT_ECODE_INSUFFICIENT_RESOURCES;
	if (error) {
		gateway_refuse(gateway, central, handle, error);
		return true;
	}
	if (wanted_bits(gateway, configuration) == configuration->written &&
	    !configuration->unsure) {
		gateway_respond(gateway, central, rsp, sizeof(rsp));
		return true;
	}
	if (ask_configuration(gateway, ASKER_CENTRAL, central, configuration,
			      now)) {
		gateway->asked.before = before;
		return true;
	}
	gatt_server_configure(&central->server, handle, before);
	return false;
}

void gateway_find_configurations(struct gateway *gateway,
				 struct central *central,
				 const struct held *held)
{
	const uint16_t start = get_le16(held->pdu + 1);
	const uint16_t end = get_le16(held->pdu + 3);
	uint8_t rsp[ATT_MTU_OFFERED] = { ATT_FIND_BY_TYPE_VALUE_RSP };
	size_t n = 1;

	for (size_t i = 0; i < gateway->view.configured; i++) {
		const uint16_t handle = gateway->view.configurations[i].handle;

		if (handle < start || handle > end || held->len != 7 + 2 ||
		    !gateway_shown(&gateway->view, handle) ||
		    get_le16(held->pdu + 7) !=
			    gateway_bits(&central->server, handle))
			continue;
		if (n + 4 > central->mtu)
			break;
		put_le16(rsp + n, handle);
		put_le16(rsp + n + 2, handle);
		n += 4;
	}
	if (n > 1)
		gateway_respond(gateway, central, rsp, n);
	else
		gateway_refuse(gateway, central, start,
			       ATT_ECODE_ATTRIBUTE_NOT_FOUND);
}

static void drop_subscribers(struct gateway *gateway, uint16_t handle)
{
	for (struct central *c = gateway->centrals; c; c = c->next)
		if (gateway_bits(&c->server, handle))
			gateway_drop(gateway, c, false,
				     "a subscription could not be restored");
}

/* A central's bits are back, if the peripheral did not take them. */
void gateway_configured(struct gateway *gateway, enum asker by,
			struct central *central, bool done)
{
	struct configuration *configuration = gateway->asked.configuration;
	const bool restored = configuration->unsure;

	gateway->asked.configuration = NULL;
	gateway->unsettled = true;
	if (by == ASKER_CENTRAL && !done) {
		if (central)
			gatt_server_configure(&central->server,
					      configuration->handle,
					      gateway->asked.before);
		return;
	}
	/* What the gateway asks for in vain, it does not ask for again. */
	configuration->written = gateway->link.asked.pdu[3];
	configuration->unsure = false;
	if (!done && restored)
		drop_subscribers(gateway, configuration->handle);
}

void gateway_unconfigure(struct gateway *gateway, struct central *central)
{
	struct configuration *configuration = gateway->asked.configuration;

	if (!configuration)
		return;
	configuration->written |= gateway->link.asked.pdu[3];
	gateway->asked.configuration = NULL;
	if (central)
		gatt_server_configure(&central->server, configuration->handle,
				      gateway->asked.before);
}

void gateway_settle(struct gateway *gateway, uint64_t now)
{
	static const uint8_t cancel[] = { ATT_EXECUTE_WRITE_REQ, 0 };

	if (!gateway->link.ready || gateway->asked.by != ASKER_NOBODY)
		return;
	if (gateway->cancelling) {
		gateway_ask(gateway, ASKER_CANCEL, NULL, cancel,
			    sizeof(cancel), now);
		return;
	}
	if (!gateway->unsettled)
		return;
	for (size_t i = 0; i < gateway->view.configured; i++) {
		struct configuration *configuration =
			&gateway->view.configurations[i];
		const uint8_t bits = wanted_bits(gateway, configuration);

		if (!bits && !configuration->written)
			configuration->unsure = false;
		if (bits == configuration->written && !configuration->unsure)
			continue;
		ask_configuration(gateway, ASKER_CONFIGURATION, NULL,
				  configuration, now);
		return;
	}
	gateway->unsettled = false;
}

static bool central_wants(const struct gateway *gateway,
			  const struct central *central, uint16_t value,
			  uint8_t bit)
{
	for (size_t i = 0; i < gateway->view.configured; i++)
		if (gateway->view.configurations[i].value == value &&
		    gateway_bits(&central->server,
				 gateway->view.configurations[i].handle) &
			    bit)
			return true;
	return false;
}

static void send_to_central(const struct gateway *gateway,
			    const struct central *central, const uint8_t *pdu,
			    size_t len)
{
	gateway->set.to_central(central->number, pdu,
				len < central->mtu ? len : central->mtu,
				gateway->set.arg);
}

void gateway_notify(struct gateway *gateway, uint16_t handle,
		    const uint8_t *value, size_t len)
{
	uint8_t pdu[3 + ATT_VALUE_MAX] = { ATT_HANDLE_VALUE_NTF };

	if (!gateway->link.ready)
		return;
	put_le16(pdu + 1, handle);
	if (len)
		memcpy(pdu + 3, value, len);
	for (const struct central *c = gateway->centrals; c; c = c->next)
		if (central_wants(gateway, c, handle,
				  GATT_CONFIGURATION_NOTIFY))
			send_to_central(gateway, c, pdu, 3 + len);
}

static void indicate_to(const struct gateway *gateway, struct central *central,
			uint64_t now)
{
	central->confirming = true;
	central->stale = central->owed = false;
	central->confirm_by = now + GATEWAY_CONFIRM;
	send_to_central(gateway, central, gateway->indication.pdu,
			gateway->indication.len);
}

void gateway_indicate(struct gateway *gateway, const uint8_t *pdu, size_t len,
		      uint64_t now)
{
	gateway->indication.len = len;
	memcpy(gateway->indication.pdu, pdu, len);
	for (struct central *c = gateway->centrals; c; c = c->next) {
		if (!gateway->link.ready ||
		    !central_wants(gateway, c, get_le16(pdu + 1),
				   GATT_CONFIGURATION_INDICATE))
			continue;
		/* One at a time (Part F 3.4.7.2), whatever became of it. */
		if (c->confirming)
			c->owed = true;
		else
			indicate_to(gateway, c, now);
	}
	gateway_confirm(gateway);
}

void gateway_confirm(struct gateway *gateway)
{
	if (!gateway->indication.len)
		return;
	for (const struct central *c = gateway->centrals; c; c = c->next)
		if ((c->confirming && !c->stale) || c->owed)
			return;
	gateway->indication.len = 0;
	gateway_link_confirm(&gateway->link);
}

void gateway_confirmed(struct gateway *gateway, struct central *central,
		       uint64_t now)
{
	if (!central->confirming)
		return;
	central->confirming = central->stale = false;
	if (central->owed)
		indicate_to(gateway, central, now);
	else
		gateway_confirm(gateway);
}

void gateway_unindicate(struct gateway *gateway)
{
	gateway->indication.len = 0;
	for (struct central *c = gateway->centrals; c; c = c->next) {
		c->stale = c->confirming;
		c->owed = false;
	}
}

uint64_t gateway_expire_indication(struct gateway *gateway, uint64_t now)
{
	uint64_t due = GATEWAY_NEVER;

	for (struct central *c = gateway->centrals; c; c = c->next) {
		if (!c->confirming)
			continue;
		if (c->confirm_by <= now)
			gateway_drop(gateway, c, true, "it did not confirm an "
						       "indication in 10 s");
		else if (c->confirm_by < due)
			due = c->confirm_by;
	}
	return due;
}

bool gateway_prepare(struct gateway *gateway, struct central *central,
		     const struct held *held, uint64_t now)
{
	if (central->lost) {
		/* What is executed then would not be all of it. */
		gateway_refuse(gateway, central, get_le16(held->pdu + 1),
			       ATT_ECODE_UNLIKELY_ERROR);
		return true;
	}
	if (gateway->cancelling ||
	    (gateway->preparer && gateway->preparer != central) ||
	    !gateway_ask(gateway, ASKER_CENTRAL, central, held->pdu, held->len,
			 now))
		return false;
	gateway->preparer = central;
	return true;
}

static void answer_executed(struct gateway *gateway, struct central *central)
{
	static const uint8_t rsp[] = { ATT_EXECUTE_WRITE_RSP };

	gateway_respond(gateway, central, rsp, sizeof(rsp));
}

bool gateway_execute(struct gateway *gateway, struct central *central,
		     const struct held *held, uint64_t now)
{
	const uint8_t flags = held->pdu[1];

	if (flags > EXECUTE_WRITE) {
		gateway_refuse(gateway, central, 0, ATT_ECODE_INVALID_PDU);
	} else if (central->lost) {
		central->lost = false;
		if (flags == EXECUTE_CANCEL)
			answer_executed(gateway, central);
		else
			gateway_refuse(gateway, central, 0,
				       ATT_ECODE_UNLIKELY_ERROR);
	} else if (gateway->preparer != central) {
		answer_executed(gateway, central);
	} else {
		return gateway_ask(gateway, ASKER_CENTRAL, central, held->pdu,
				   held->len, now);
	}
	return true;
}

static void queue_free(struct gateway *gateway)
{
	gateway->preparer = NULL;
	gateway->prepared = false;
}

void gateway_prepared(struct gateway *gateway, uint8_t opcode, bool done,
		      uint64_t now)
{
	/* Who prepared has gone: it is being cancelled. */
	if (!gateway->preparer)
		return;
	if (opcode == ATT_EXECUTE_WRITE_REQ || (!done && !gateway->prepared)) {
		queue_free(gateway);
	} else if (done) {
		if (!gateway->prepared)
			gateway->prepared_at = now;
		gateway->prepared = true;
	}
}

void gateway_unprepare(struct gateway *gateway, struct central *central)
{
	if (gateway->preparer != central)
		return;
	queue_free(gateway);
	/* If it is executing, that ends it. */
	gateway->cancelling =
		gateway->asked.central != central ||
		gateway->link.asked.pdu[0] != ATT_EXECUTE_WRITE_REQ;
}

/* Of an Execute Write that is under way, the answer tells enough. */
void gateway_queue_lost(struct gateway *gateway)
{
	struct central *central = gateway->preparer;

	gateway->cancelling = false;
	if (central && (gateway->asked.central != central ||
			gateway->link.asked.pdu[0] != ATT_EXECUTE_WRITE_REQ))
		central->lost = true;
	queue_free(gateway);
}

uint64_t gateway_expire_queue(struct gateway *gateway, uint64_t now)
{
	struct central *central = gateway->preparer;

	if (!central || gateway->asked.central == central)
		return GATEWAY_NEVER;
	if (now < gateway->prepared_at + GATEWAY_PREPARED)
		return gateway->prepared_at + GATEWAY_PREPARED;
	central->lost = true;
	gateway_unprepare(gateway, central);
	return GATEWAY_NEVER;
}
