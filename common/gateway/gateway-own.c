/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The service of the gateway's own.  Its handles begin with GATEWAY_OWN; those
 * of its database, and of the server that answers, with 1.
 */
#include "config.h"
#include "gateway/gateway-part.h"

#include <string.h>

#include "base/bytes.h"

#define OFFSET (GATEWAY_OWN - 1)

bool gateway_own_init(struct gateway *gateway)
{
	static const char name[] = "Peripheral Advertising Data";
	const struct gatt_uuid description = gatt_uuid16(0x2901);
	struct gatt_db *db = &gateway->own;
	uint16_t handle;

	if (!gatt_db_service(db, &gateway_uuid_service))
		return false;
	handle = gatt_db_characteristic(db, &gateway_uuid_advertising,
					GATT_PROPERTY_READ, GATT_READ,
					NULL, 0);
	if (!handle ||
	    !gatt_db_set_length(db, handle, GATEWAY_ADVERTISING_MAX, true) ||
	    !gatt_db_descriptor(db, &description, GATT_READ, name,
				sizeof(name) - 1))
		return false;
	gateway->advertising = handle;
	/* The value's handle in the declaration, as clients see it. */
	put_le16(gatt_db_find(db, (uint16_t)(handle - 1))->value + 1,
		 (uint16_t)(handle + OFFSET));
	return true;
}

void gateway_advertising(struct gateway *gateway, const uint8_t *data,
			 size_t len)
{
	if (len > GATEWAY_ADVERTISING_MAX)
		len = GATEWAY_ADVERTISING_MAX;
	gatt_db_set_value(&gateway->own, gateway->advertising, data, len);
}

bool gateway_is_own(const struct gateway *gateway, uint16_t handle)
{
	return gateway->known && gateway->offered && handle >= GATEWAY_OWN;
}

static void handle_to_server(uint8_t *p)
{
	const uint16_t handle = get_le16(p);

	put_le16(p, handle < GATEWAY_OWN ? 1 : (uint16_t)(handle - OFFSET));
}

static void handle_to_client(uint8_t *p)
{
	const uint16_t handle = get_le16(p);

	if (handle)
		put_le16(p, (uint16_t)(handle + OFFSET));
}

static void translate_request(uint8_t *pdu, size_t len)
{
	if (gateway_is_multiple(pdu[0])) {
		for (size_t i = 1; i + 1 < len; i += 2)
			handle_to_server(pdu + i);
		return;
	}
	handle_to_server(pdu + 1);
	if (gateway_is_list(pdu[0]))
		handle_to_server(pdu + 3);
}

static void translate_response(uint8_t *pdu, size_t len)
{
	size_t each;
	const size_t head = att_list(pdu, len, &each);

	if (pdu[0] == ATT_ERROR_RSP)
		handle_to_client(pdu + 2);
	for (size_t i = head; head && i < len; i += each) {
		handle_to_client(pdu + i);
		if (pdu[0] == ATT_FIND_BY_TYPE_VALUE_RSP ||
		    pdu[0] == ATT_READ_BY_GROUP_TYPE_RSP)
			handle_to_client(pdu + i + 2);
	}
}

void gateway_own_answer(struct gateway *gateway, struct central *central,
			const struct held *held)
{
	uint8_t pdu[ATT_MTU_OFFERED], rsp[ATT_MTU_OFFERED];
	size_t n;

	memcpy(pdu, held->pdu, held->len);
	translate_request(pdu, held->len);
	central->server.mtu = central->mtu;
	n = gatt_server_handle(&central->server, pdu, held->len, rsp);
	translate_response(rsp, n);
	/* As asked for, not as translated. */
	if (rsp[0] == ATT_ERROR_RSP && gateway_is_list(held->pdu[0]))
		memcpy(rsp + 2, held->pdu + 1, 2);
	gateway_respond(gateway, central, rsp, n);
}
