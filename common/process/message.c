/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "process/message.h"

#include <string.h>

#include "att/gatt-explorer.h"
#include "att/gatt-server.h"
#include "base/diag.h"
#include "base/limits.h"
#include "base/reason.h"
#include "pairing/pair-exchange.h"
#include "pki/policy.h"

/* True if the text is terminated; replaces all but printable ASCII with "?". */
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

/* Compilers rely on a bool being 0 or 1. */
static bool bool_valid(const bool *value)
{
	return *(const uint8_t *)value <= 1;
}

static bool secured_valid(uint8_t *body, size_t len)
{
	struct worker_secured *secured = (struct worker_secured *)body;

	(void)len;
	return clean(secured->peer, sizeof(secured->peer)) &&
	       clean(secured->pin, sizeof(secured->pin)) &&
	       clean(secured->cipher, sizeof(secured->cipher)) &&
	       clean(secured->group, sizeof(secured->group)) &&
	       chain_valid(secured);
}

static bool closed_valid(uint8_t *body, size_t len)
{
	struct worker_closed *closed = (struct worker_closed *)body;

	(void)len;
	return closed->reason < REASON_COUNT &&
	       bool_valid(&closed->heard) &&
	       bool_valid(&closed->bye) &&
	       clean(closed->words, sizeof(closed->words));
}

static bool found_valid(uint8_t *body, size_t len)
{
	const struct gatt_found *found = (const struct gatt_found *)body;

	(void)len;
	return found->kind <= GATT_FOUND_DESCRIPTOR &&
	       uuid_valid(&found->uuid);
}

static bool result_valid(uint8_t *body, size_t len)
{
	(void)len;
	return uuid_valid(&((const struct worker_result *)body)->uuid);
}

static bool notified_valid(uint8_t *body, size_t len)
{
	const struct worker_notified *notified =
		(const struct worker_notified *)body;

	(void)len;
	return bool_valid(&notified->indication) && uuid_valid(&notified->uuid);
}

static bool gatt_valid(uint8_t *body, size_t len)
{
	(void)len;
	return body[0] <= GATT_EXTERNAL_COMMAND;
}

static bool octet_valid(uint8_t *body, size_t len)
{
	(void)len;
	return body[0] <= 1;
}

static bool oob_valid(uint8_t *body, size_t len)
{
	return pair_message_valid(body, len);
}

static bool drop_valid(uint8_t *body, size_t len)
{
	return clean((char *)body + sizeof(struct gateway_drop),
		     len - sizeof(struct gateway_drop));
}

static bool text_valid(uint8_t *body, size_t len)
{
	return clean((char *)body, len);
}

_Static_assert(CHANNEL_MESSAGE_MAX <= WORKER_BODY_MAX, "one in the other");

#define PEER MESSAGE_FROM_PEER
#define GATEWAY MESSAGE_FROM_GATEWAY
#define HOST MESSAGE_FROM_HOST

#define BEFORE (MESSAGE_UNSECURED | MESSAGE_GIVEN_UP)
#define SECURED MESSAGE_SECURED
#define OPEN (MESSAGE_UNSECURED | MESSAGE_SECURED)
#define AFTER (MESSAGE_SECURED | MESSAGE_CLOSING)
#define SESSION (BEFORE | AFTER)
#define LINKED MESSAGE_LINKED
#define UP (MESSAGE_LINKED | MESSAGE_SERVING)
#define GATE (MESSAGE_UNLINKED | UP)

#define CENTRAL sizeof(uint32_t)
#define DROP sizeof(struct gateway_drop)

#define IS(type) sizeof(type), sizeof(type)
#define HEAD(type) sizeof(type), sizeof(type) + ATT_VALUE_MAX

const struct worker_message messages[MESSAGE_COUNT] = {
	[WORKER_CONNECTED] = { "connected", PEER, SESSION,
			       IS(struct worker_connected), NULL },
	[WORKER_SECURED] = { "secured", PEER, BEFORE,
			     IS(struct worker_secured), secured_valid },
	[WORKER_DATA] = { "data", PEER, AFTER, 0, CHANNEL_MESSAGE_MAX, NULL },
	[WORKER_END] = { "end", PEER, AFTER, 0, 0, NULL },
	[WORKER_OOB] = { "oob", PEER, SECURED, 1, PAIR_MESSAGE_MAX, oob_valid },
	[WORKER_GATT] = { "gatt", PEER, SESSION,
			  HEAD(struct worker_gatt), gatt_valid },
	[WORKER_SIGNED] = { "signed", PEER, OPEN, IS(uint32_t), NULL },
	[WORKER_FOUND] = { "found", PEER, AFTER,
			   IS(struct gatt_found), found_valid },
	[WORKER_RESULT] = { "result", PEER, AFTER,
			    HEAD(struct worker_result), result_valid },
	[WORKER_NOTIFIED] = { "notified", PEER, AFTER,
			      HEAD(struct worker_notified), notified_valid },
	[WORKER_EXPLORED] = { "explored", PEER, AFTER, 0, 0, NULL },
	[WORKER_ATT] = { "att", PEER, SECURED, 1, ATT_MTU_OFFERED, NULL },
	[WORKER_PERIPHERAL] = { "peripheral", PEER, AFTER, 1, 1, octet_valid },
	[WORKER_REPORT] = { "report", PEER, SESSION,
			    1, POLICY_REPORT_MAX - 1, NULL },
	[WORKER_BYE] = { "bye", PEER, SESSION, 0, 0, NULL },
	[WORKER_CLOSED] = { "closed", PEER, SESSION,
			    IS(struct worker_closed), closed_valid },
	[WORKER_LOG] = { "log", PEER | GATEWAY, SESSION | GATE,
			 WORKER_LOG_MIN, WORKER_LOG_MAX, worker_log_valid },

	[GATEWAY_PDU] = { "gateway pdu", GATEWAY, GATE,
			  CENTRAL + 1, CENTRAL + ATT_MTU_OFFERED, NULL },
	[GATEWAY_TAKEN] = { "gateway taken", GATEWAY, GATE,
			    CENTRAL, CENTRAL, NULL },
	[GATEWAY_DROP] = { "gateway drop", GATEWAY, GATE,
			   DROP + 1, DROP + MESSAGE_WORDS_MAX, drop_valid },
	[GATEWAY_READY] = { "gateway ready", GATEWAY, LINKED,
			    IS(uint16_t), NULL },
	[GATEWAY_LOST] = { "gateway lost", GATEWAY, UP,
			   1, MESSAGE_WORDS_MAX, text_valid },

	[HOST_DATA] = { "host data", HOST, AFTER,
			0, CHANNEL_MESSAGE_MAX, NULL },
	[HOST_END] = { "host end", HOST, SECURED, 0, 0, NULL },
	[HOST_OOB] = { "host oob", HOST, SECURED, 1, PAIR_MESSAGE_MAX, NULL },
	[HOST_GATT] = { "host gatt", HOST, SESSION,
			1, 1 + ATT_VALUE_MAX, NULL },
	[HOST_NOTIFY] = { "host notify", HOST, SESSION,
			  2, 2 + ATT_VALUE_MAX, NULL },
	[HOST_ATT] = { "host att", HOST, SECURED, 1, ATT_MTU_OFFERED, NULL },
	[HOST_PERIPHERAL] = { "host peripheral", HOST, SECURED,
			      1, 1, octet_valid },
	[HOST_CLOSE] = { "host close", HOST, SESSION,
			 IS(struct host_close), NULL },

	[HOST_CENTRAL] = { "host central", HOST, GATE, CENTRAL, CENTRAL, NULL },
	[HOST_CENTRAL_PDU] = { "host central pdu", HOST, GATE,
			       CENTRAL + 1, CENTRAL + ATT_MTU_OFFERED, NULL },
	[HOST_CENTRAL_GONE] = { "host central gone", HOST, GATE,
				CENTRAL, CENTRAL, NULL },
	[HOST_ADVERTISING] = { "host advertising", HOST, GATE,
			       0, ATT_VALUE_MAX, NULL },
};
