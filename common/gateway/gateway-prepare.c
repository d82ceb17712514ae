/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Prepared writes (Core 5.4 Vol 3 Part F 3.4.6).  The peripheral has one queue
 * for us all: a central that has begun has it for itself until it executes.
 */
#include "config.h"
#include "gateway/gateway-part.h"

#include "base/bytes.h"

#define EXECUTE_CANCEL 0
#define EXECUTE_WRITE 1

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
	gateway->cancelling = gateway->asked.central != central ||
			      gateway->asked.pdu[0] != ATT_EXECUTE_WRITE_REQ;
}

/* Of an Execute Write that is under way, the answer tells enough. */
void gateway_queue_lost(struct gateway *gateway)
{
	struct central *central = gateway->preparer;

	gateway->cancelling = false;
	if (central && (gateway->asked.central != central ||
			gateway->asked.pdu[0] != ATT_EXECUTE_WRITE_REQ))
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
