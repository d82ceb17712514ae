/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gateway/gateway-share.h"

#include <string.h>

#include "base/bytes.h"
#include "base/limits.h"

#define EXECUTE_CANCEL 0
#define EXECUTE_WRITE 1

bool gateway_ask(struct gateway_share *share, enum asker by,
		 struct central *central, const uint8_t *pdu, size_t len,
		 uint64_t now)
{
	if (!gateway_link_ask(share->link, pdu, len, now))
		return false;
	share->asked.by = by;
	share->asked.central = central;
	share->asked.configuration = NULL;
	return true;
}

static void queue_free(struct gateway_share *share)
{
	share->preparer = NULL;
	share->prepared = false;
}

/* The central goes: cancel what it has prepared. */
static void unprepare(struct gateway_share *share, struct central *central)
{
	if (share->preparer != central)
		return;
	queue_free(share);
	/* If it is executing, the queue will be empty anyway. */
	share->cancelling = share->asked.central != central ||
			    share->link->asked.pdu[0] != ATT_EXECUTE_WRITE_REQ;
}

/* Confirm to the peripheral if no central has to confirm any more. */
static void confirm_indication(struct gateway_share *share)
{
	if (!share->indication.len)
		return;
	for (const struct central *c = share->centrals.first; c; c = c->next)
		if ((c->confirming && !c->stale) || c->owed)
			return;
	share->indication.len = 0;
	gateway_link_confirm(share->link);
}

void gateway_share_leave(struct gateway_share *share, struct central *central)
{
	unprepare(share, central);
	if (share->asked.central == central)
		share->asked.central = NULL;
	while (central->count)
		gateway_release(central, 0);
	/* Its configurations are not wanted any more. */
	central->server.configured = 0;
	share->unsettled = true;
	central->confirming = central->owed = false;
	confirm_indication(share);
}

void gateway_drop(struct gateway_share *share, struct central *central,
		  bool at_fault, const char *words)
{
	if (central->dropped)
		return;
	central->dropped = true;
	gateway_share_leave(share, central);
	share->centrals.set->drop(central->number, at_fault, words,
				  share->centrals.set->arg);
}

void gateway_drop_all(struct gateway_share *share, const char *words)
{
	for (struct central *c = share->centrals.first; c; c = c->next)
		gateway_drop(share, c, false, words);
}

/* The bits that the gateway or any central wants. */
static uint8_t wanted_bits(const struct gateway_share *share,
			   const struct configuration *configuration)
{
	uint8_t bits = configuration->services ?
		       configuration->allowed & GATT_CONFIGURATION_INDICATE : 0;

	for (const struct central *c = share->centrals.first; c; c = c->next)
		bits |= gateway_bits(&c->server, configuration->handle);
	return bits;
}

static bool ask_configuration(struct gateway_share *share, enum asker by,
			      struct central *central,
			      struct configuration *configuration, uint64_t now)
{
	uint8_t pdu[5] = { ATT_WRITE_REQ };

	put_le16(pdu + 1, configuration->handle);
	put_le16(pdu + 3, wanted_bits(share, configuration));
	if (!gateway_ask(share, by, central, pdu, sizeof(pdu), now))
		return false;
	share->asked.configuration = configuration;
	return true;
}

bool gateway_configure(struct gateway_share *share, struct central *central,
		       struct configuration *configuration,
		       const struct held *held, uint64_t now)
{
	static const uint8_t rsp[] = { ATT_WRITE_RSP };
	const uint16_t handle = configuration->handle;
	const uint8_t before = gateway_bits(&central->server, handle);
	uint16_t bits;
	uint8_t error = 0;

	if (share->asked.configuration == configuration)
		return false;
	/* The same errors as gatt-access.c has. */
	if (held->len != 5)
		error = ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH;
	else if (bits = get_le16(held->pdu + 3), bits & ~configuration->allowed)
		error = ATT_ECODE_VALUE_NOT_ALLOWED;
	else if (!gatt_server_configure(&central->server, handle, bits))
		error = ATT_ECODE_INSUFFICIENT_RESOURCES;
	if (error) {
		gateway_refuse(central, handle, error);
		return true;
	}
	if (wanted_bits(share, configuration) == configuration->written &&
	    !configuration->unsure) {
		gateway_respond(central, rsp, sizeof(rsp));
		return true;
	}
	if (ask_configuration(share, ASKER_CENTRAL, central, configuration,
			      now)) {
		share->asked.before = before;
		return true;
	}
	gatt_server_configure(&central->server, handle, before);
	return false;
}

void gateway_find_configurations(struct gateway_share *share,
				 struct central *central,
				 const struct held *held)
{
	const uint16_t start = get_le16(held->pdu + 1);
	const uint16_t end = get_le16(held->pdu + 3);
	uint8_t rsp[ATT_MTU_OFFERED] = { ATT_FIND_BY_TYPE_VALUE_RSP };
	size_t n = 1;

	for (size_t i = 0; i < share->view->configured; i++) {
		const uint16_t handle = share->view->configurations[i].handle;

		if (handle < start || handle > end || held->len != 7 + 2 ||
		    !gateway_shown(share->view, handle) ||
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
		gateway_respond(central, rsp, n);
	else
		gateway_refuse(central, start, ATT_ECODE_ATTRIBUTE_NOT_FOUND);
}

static void drop_subscribers(struct gateway_share *share, uint16_t handle)
{
	for (struct central *c = share->centrals.first; c; c = c->next)
		if (gateway_bits(&c->server, handle))
			gateway_drop(share, c, false,
				     "a subscription could not be restored");
}

/*
 * The Write Request to a configuration has been answered.  If the peripheral
 * has refused it, the central gets its bits back.
 */
static void configuration_answered(struct gateway_share *share, enum asker by,
				   struct central *central, bool done)
{
	struct configuration *configuration = share->asked.configuration;
	const bool restored = configuration->unsure;

	share->asked.configuration = NULL;
	share->unsettled = true;
	if (by == ASKER_CENTRAL && !done) {
		if (central)
			gatt_server_configure(&central->server,
					      configuration->handle,
					      share->asked.before);
		return;
	}
	/* If the gateway's own request is refused, it does not ask again. */
	configuration->written = share->link->asked.pdu[3];
	configuration->unsure = false;
	if (!done && restored)
		drop_subscribers(share, configuration->handle);
}

/* The Write Request to a configuration will not be answered. */
static void unconfigure(struct gateway_share *share, struct central *central)
{
	struct configuration *configuration = share->asked.configuration;

	if (!configuration)
		return;
	configuration->written |= share->link->asked.pdu[3];
	share->asked.configuration = NULL;
	if (central)
		gatt_server_configure(&central->server, configuration->handle,
				      share->asked.before);
}

void gateway_settle(struct gateway_share *share, uint64_t now)
{
	static const uint8_t cancel[] = { ATT_EXECUTE_WRITE_REQ, 0 };

	if (!share->link->ready || share->asked.by != ASKER_NOBODY)
		return;
	if (share->cancelling) {
		gateway_ask(share, ASKER_CANCEL, NULL, cancel, sizeof(cancel),
			    now);
		return;
	}
	if (!share->unsettled)
		return;
	for (size_t i = 0; i < share->view->configured; i++) {
		struct configuration *configuration =
			&share->view->configurations[i];
		const uint8_t bits = wanted_bits(share, configuration);

		if (!bits && !configuration->written)
			configuration->unsure = false;
		if (bits == configuration->written && !configuration->unsure)
			continue;
		ask_configuration(share, ASKER_CONFIGURATION, NULL,
				  configuration, now);
		return;
	}
	share->unsettled = false;
}

static bool central_wants(const struct gateway_share *share,
			  const struct central *central, uint16_t value,
			  uint8_t bit)
{
	for (size_t i = 0; i < share->view->configured; i++)
		if (share->view->configurations[i].value == value &&
		    gateway_bits(&central->server,
				 share->view->configurations[i].handle) &
			    bit)
			return true;
	return false;
}

static void send_to_central(const struct central *central, const uint8_t *pdu,
			    size_t len)
{
	central->set->to_central(central->number, pdu,
				 len < central->mtu ? len : central->mtu,
				 central->set->arg);
}

void gateway_notify(struct gateway_share *share, uint16_t handle,
		    const uint8_t *value, size_t len)
{
	uint8_t pdu[3 + ATT_VALUE_MAX] = { ATT_HANDLE_VALUE_NTF };

	if (!share->link->ready)
		return;
	put_le16(pdu + 1, handle);
	if (len)
		memcpy(pdu + 3, value, len);
	for (const struct central *c = share->centrals.first; c; c = c->next)
		if (central_wants(share, c, handle, GATT_CONFIGURATION_NOTIFY))
			send_to_central(c, pdu, 3 + len);
}

static void indicate_to(const struct gateway_share *share,
			struct central *central, uint64_t now)
{
	central->confirming = true;
	central->stale = central->owed = false;
	central->confirm_by = now + GATEWAY_CONFIRM_MS;
	send_to_central(central, share->indication.pdu, share->indication.len);
}

void gateway_indicate(struct gateway_share *share, const uint8_t *pdu,
		      size_t len, uint64_t now)
{
	share->indication.len = len;
	memcpy(share->indication.pdu, pdu, len);
	for (struct central *c = share->centrals.first; c; c = c->next) {
		if (!share->link->ready ||
		    !central_wants(share, c, get_le16(pdu + 1),
				   GATT_CONFIGURATION_INDICATE))
			continue;
		/*
		 * One at a time (Part F 3.4.7.2), also if the link was down
		 * since.
		 */
		if (c->confirming)
			c->owed = true;
		else
			indicate_to(share, c, now);
	}
	confirm_indication(share);
}

void gateway_confirmed(struct gateway_share *share, struct central *central,
		       uint64_t now)
{
	if (!central->confirming)
		return;
	central->confirming = central->stale = false;
	if (central->owed)
		indicate_to(share, central, now);
	else
		confirm_indication(share);
}

/* The link is down: centrals that have to confirm still have to. */
static void unindicate(struct gateway_share *share)
{
	share->indication.len = 0;
	for (struct central *c = share->centrals.first; c; c = c->next) {
		c->stale = c->confirming;
		c->owed = false;
	}
}

static uint64_t expire_indication(struct gateway_share *share, uint64_t now)
{
	uint64_t due = GATEWAY_NEVER;

	for (struct central *c = share->centrals.first; c; c = c->next) {
		if (!c->confirming)
			continue;
		if (c->confirm_by <= now)
			gateway_drop(share, c, true,
				     "it did not confirm an "
				     "indication in 10 s");
		else if (c->confirm_by < due)
			due = c->confirm_by;
	}
	return due;
}

bool gateway_prepare(struct gateway_share *share, struct central *central,
		     const struct held *held, uint64_t now)
{
	if (central->lost) {
		/* What is executed later would not be all of it. */
		gateway_refuse(central, get_le16(held->pdu + 1),
			       ATT_ECODE_UNLIKELY_ERROR);
		return true;
	}
	if (share->cancelling ||
	    (share->preparer && share->preparer != central) ||
	    !gateway_ask(share, ASKER_CENTRAL, central, held->pdu, held->len,
			 now))
		return false;
	share->preparer = central;
	return true;
}

static void answer_executed(struct central *central)
{
	static const uint8_t rsp[] = { ATT_EXECUTE_WRITE_RSP };

	gateway_respond(central, rsp, sizeof(rsp));
}

bool gateway_execute(struct gateway_share *share, struct central *central,
		     const struct held *held, uint64_t now)
{
	const uint8_t flags = held->pdu[1];

	if (flags > EXECUTE_WRITE) {
		gateway_refuse(central, 0, ATT_ECODE_INVALID_PDU);
	} else if (central->lost) {
		central->lost = false;
		if (flags == EXECUTE_CANCEL)
			answer_executed(central);
		else
			gateway_refuse(central, 0, ATT_ECODE_UNLIKELY_ERROR);
	} else if (share->preparer != central) {
		answer_executed(central);
	} else {
		return gateway_ask(share, ASKER_CENTRAL, central, held->pdu,
				   held->len, now);
	}
	return true;
}

/* A Prepare or Execute Write Request has been answered. */
static void queue_answered(struct gateway_share *share, uint8_t opcode,
			   bool done, uint64_t now)
{
	/* The central has gone, and the queue is being cancelled. */
	if (!share->preparer)
		return;
	if (opcode == ATT_EXECUTE_WRITE_REQ || (!done && !share->prepared)) {
		queue_free(share);
	} else if (done) {
		if (!share->prepared)
			share->prepared_at = now;
		share->prepared = true;
	}
}

/* If the central is executing, the answer to that is enough. */
static void queue_lost(struct gateway_share *share)
{
	struct central *central = share->preparer;

	share->cancelling = false;
	if (central && (share->asked.central != central ||
			share->link->asked.pdu[0] != ATT_EXECUTE_WRITE_REQ))
		central->lost = true;
	queue_free(share);
}

static uint64_t expire_queue(struct gateway_share *share, uint64_t now)
{
	struct central *central = share->preparer;

	if (!central || share->asked.central == central)
		return GATEWAY_NEVER;
	if (now < share->prepared_at + GATEWAY_PREPARED_MS)
		return share->prepared_at + GATEWAY_PREPARED_MS;
	central->lost = true;
	unprepare(share, central);
	return GATEWAY_NEVER;
}

/* Refuse or discard what has been held for too long. */
static uint64_t expire_held(struct gateway_share *share, uint64_t now)
{
	uint64_t due = GATEWAY_NEVER;

	for (struct central *c = share->centrals.first; c; c = c->next) {
		size_t i = gateway_in_flight(share, c) ? 1 : 0;

		while (i < c->count &&
		       c->held[i].since + GATEWAY_HOLD_MS <= now)
			if (c->held[i].pdu[0] & ATT_COMMAND_FLAG)
				gateway_release(c, i);
			else
				gateway_refuse(c, gateway_request_handle(c),
					       ATT_ECODE_UNLIKELY_ERROR);
		if (i < c->count && c->held[i].since + GATEWAY_HOLD_MS < due)
			due = c->held[i].since + GATEWAY_HOLD_MS;
	}
	return due;
}

struct central *gateway_share_answered(struct gateway_share *share, bool done,
				       uint64_t now)
{
	struct central *central = share->asked.central;
	const enum asker by = share->asked.by;
	const uint8_t request = share->link->asked.pdu[0];

	share->asked.by = ASKER_NOBODY;
	share->asked.central = NULL;
	if (by == ASKER_CANCEL && !done)
		gateway_link_fault(share->link, "it does not cancel a "
						"prepared write");
	else if (by == ASKER_CANCEL)
		share->cancelling = false;
	else if (share->asked.configuration)
		configuration_answered(share, by, central, done);
	else if (request == ATT_PREPARE_WRITE_REQ ||
		 request == ATT_EXECUTE_WRITE_REQ)
		queue_answered(share, request, done, now);
	return central;
}

/* It is not known whether the peripheral has done what it was asked. */
void gateway_share_lost(struct gateway_share *share)
{
	struct central *central = share->asked.central;

	queue_lost(share);
	unconfigure(share, central);
	share->asked.by = ASKER_NOBODY;
	share->asked.central = NULL;
	unindicate(share);
	if (central)
		gateway_refuse(central, gateway_request_handle(central),
			       ATT_ECODE_UNLIKELY_ERROR);
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t gateway_share_expire(struct gateway_share *share, uint64_t now)
{
	uint64_t due = expire_indication(share, now);

	due = earlier(due, expire_queue(share, now));
	return earlier(due, expire_held(share, now));
}
