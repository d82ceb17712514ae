/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gateway/gateway-central.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

/* Put it after all others. */
static void append_central(struct gateway_centrals *centrals,
			   struct central *central)
{
	struct central **end = &centrals->first;

	while (*end)
		end = &(*end)->next;
	central->next = NULL;
	*end = central;
}

static void unlink_central(struct gateway_centrals *centrals,
			   struct central *central)
{
	struct central **at = &centrals->first;

	while (*at != central)
		at = &(*at)->next;
	*at = central->next;
}

struct central *gateway_central_add(struct gateway_centrals *centrals,
				    uint32_t number)
{
	struct central *central = calloc(1, sizeof(*central));

	if (!central)
		return NULL;
	central->set = centrals->set;
	central->number = number;
	central->mtu = ATT_MTU_DEFAULT;
	append_central(centrals, central);
	return central;
}

void gateway_central_remove(struct gateway_centrals *centrals,
			    struct central *central)
{
	unlink_central(centrals, central);
	free(central);
}

void gateway_central_last(struct gateway_centrals *centrals,
			  struct central *central)
{
	unlink_central(centrals, central);
	append_central(centrals, central);
}

struct central *gateway_central_find(const struct gateway_centrals *centrals,
				     uint32_t number)
{
	struct central *c = centrals->first;

	while (c && c->number != number)
		c = c->next;
	return c;
}

const char *gateway_central_fault(const struct central *central,
				  const uint8_t *pdu, size_t len)
{
	if (!len || len > ATT_MTU_OFFERED)
		return "it sends an ATT PDU of an impossible length";
	if (!gatt_server_takes(pdu[0]))
		return "it sends a response that was not requested";
	if (pdu[0] == ATT_HANDLE_VALUE_CFM)
		return NULL;
	if (central->asking && !(pdu[0] & ATT_COMMAND_FLAG))
		return "it sends a request before the last one is answered";
	if (central->count == GATEWAY_HELD)
		return "it sends more PDUs than the gateway queues";
	return NULL;
}

void gateway_central_hold(struct central *central, const uint8_t *pdu,
			  size_t len, uint64_t now)
{
	struct held *held = &central->held[central->count++];

	held->since = now;
	held->len = len;
	memcpy(held->pdu, pdu, len);
	if (!(pdu[0] & ATT_COMMAND_FLAG))
		central->asking = true;
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

void gateway_release(struct central *central, size_t index)
{
	if (!(central->held[index].pdu[0] & ATT_COMMAND_FLAG)) {
		central->asking = central->whole = false;
		central->from = 0;
	}
	central->count--;
	memmove(&central->held[index], &central->held[index + 1],
		(central->count - index) * sizeof(*central->held));
	central->set->taken(central->number, central->set->arg);
}

void gateway_respond(struct central *central, const uint8_t *pdu, size_t len)
{
	central->set->to_central(central->number, pdu, len, central->set->arg);
	gateway_release(central, 0);
}

void gateway_refuse(struct central *central, uint16_t handle, uint8_t error)
{
	uint8_t pdu[5] = { ATT_ERROR_RSP, gateway_request(central)->pdu[0] };

	put_le16(pdu + 2, handle);
	pdu[4] = error;
	gateway_respond(central, pdu, sizeof(pdu));
}
