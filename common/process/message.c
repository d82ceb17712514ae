/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/message.h"

#include <string.h>

#include "att/gatt-explorer.h"
#include "att/gatt-server.h"
#include "base/diag.h"
#include "base/reason.h"
#include "pairing/pair-exchange.h"
#include "pki/policy.h"

/* Printable ASCII, terminated. */
static bool clean(char *text, size_t size)
{
	if (!memchr(text, '\0', size))
		return false;
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return true;
}

static bool uuid_valid(const struct gatt_uuid *uuid)
{
	return uuid->len == 0 || uuid->len == 2 || uuid->len == 16;
}

static bool chain_valid(const struct worker_secured *secured)
{
	if (!secured->chain_count || secured->chain_count > TRUST_CHAIN_MAX)
		return false;
	for (int i = 0; i < secured->chain_count; i++)
		if (secured->chain[i].len > sizeof(secured->chain[i].serial))
			return false;
	return true;
}

/* A bool that holds anything else is no bool to a compiler. */
static bool bool_valid(const bool *value)
{
	return *(const uint8_t *)value <= 1;
}

/* A struct, and a value after it. */
static bool has_value(size_t len, size_t head)
{
	return len >= head && len <= head + ATT_VALUE_MAX;
}

bool message_valid(int type, uint8_t *body, size_t len)
{
	struct worker_secured *secured = (struct worker_secured *)body;
	struct worker_closed *closed = (struct worker_closed *)body;

	switch (type) {
	case WORKER_CONNECTED:
		return len == sizeof(struct worker_connected);
	case WORKER_SECURED:
		return len == sizeof(*secured) &&
		       clean(secured->peer, sizeof(secured->peer)) &&
		       clean(secured->pin, sizeof(secured->pin)) &&
		       clean(secured->cipher, sizeof(secured->cipher)) &&
		       clean(secured->group, sizeof(secured->group)) &&
		       chain_valid(secured);
	case WORKER_DATA:
		return true;
	case WORKER_REPORT:
		return len > 0 && len < POLICY_REPORT_MAX;
	case WORKER_END:
	case WORKER_EXPLORED:
	case WORKER_BYE:
		return len == 0;
	case WORKER_CLOSED:
		return len == sizeof(*closed) &&
		       closed->reason < REASON_COUNT &&
		       bool_valid(&closed->heard) &&
		       bool_valid(&closed->bye) &&
		       clean(closed->words, sizeof(closed->words));
	case WORKER_SIGNED:
		return len == sizeof(uint32_t);
	case WORKER_FOUND:
		return len == sizeof(struct gatt_found) &&
		       ((const struct gatt_found *)body)->kind <=
		       GATT_FOUND_DESCRIPTOR &&
		       uuid_valid(&((const struct gatt_found *)body)->uuid);
	case WORKER_RESULT:
		return has_value(len, sizeof(struct worker_result)) &&
		       uuid_valid(&((const struct worker_result *)body)->uuid);
	case WORKER_NOTIFIED:
		return has_value(len, sizeof(struct worker_notified)) &&
		       bool_valid(&((const struct worker_notified *)body)->
				  indication) &&
		       uuid_valid(&((const struct worker_notified *)body)->
				  uuid);
	case WORKER_GATT:
		return has_value(len, sizeof(struct worker_gatt)) &&
		       body[0] <= GATT_EXTERNAL_COMMAND;
	case WORKER_ATT:
		return len > 0 && len <= ATT_MTU_OFFERED;
	case WORKER_PERIPHERAL:
		return len == 1 && body[0] <= 1;
	case GATEWAY_PDU:
		return len > sizeof(uint32_t) &&
		       len <= sizeof(uint32_t) + ATT_MTU_OFFERED;
	case GATEWAY_TAKEN:
		return len == sizeof(uint32_t);
	case GATEWAY_DROP:
		return len > sizeof(struct gateway_drop) &&
		       clean((char *)body + sizeof(struct gateway_drop),
			     len - sizeof(struct gateway_drop));
	case GATEWAY_READY:
		return len == sizeof(uint16_t);
	case GATEWAY_LOST:
		return clean((char *)body, len);
	case WORKER_OOB:
		return pair_message_valid(body, len);
	case WORKER_LOG:
		return len > 2 && body[0] <= DIAG_DEBUG && !body[len - 1];
	default:
		return false;
	}
}
