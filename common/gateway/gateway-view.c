/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a central sees: of the peripheral, and how much of it in a PDU; and the
 * service of the gateway's own.  Its handles begin with GATEWAY_OWN; those of
 * its database, and of the server that answers, with 1.
 */
#include "config.h"
#include "gateway/gateway-part.h"

#include <string.h>

#include "base/bytes.h"

#define OWN_OFFSET (GATEWAY_OWN - 1)

static bool is_exposed(const struct gateway *gateway,
		       const struct gatt_uuid *uuid)
{
	for (size_t i = 0; i < gateway->set.expose_count; i++)
		if (gatt_uuid_equal(&gateway->set.expose[i], uuid))
			return true;
	return false;
}

static void show_handle(struct gateway *gateway, uint16_t handle)
{
	gateway->shown[handle / 8] |= (uint8_t)(1U << handle % 8);
}

/* All of an exposed service; or the characteristic, and where it is. */
void gateway_look(struct gateway *gateway)
{
	bool service = false, characteristic = false;
	uint16_t declaration = 0;

	memset(gateway->shown, 0, sizeof(gateway->shown));
	gateway->offered = true;
	for (size_t i = 0; i < gateway->used; i++) {
		const struct gatt_found *found = &gateway->table[i];

		if (found->handle >= GATEWAY_OWN ||
		    (found->kind == GATT_FOUND_CHARACTERISTIC &&
		     found->value >= GATEWAY_OWN))
			gateway->offered = false;
		switch (found->kind) {
		case GATT_FOUND_PRIMARY:
		case GATT_FOUND_SECONDARY:
			service = is_exposed(gateway, &found->uuid);
			declaration = found->handle;
			/* fall through */
		case GATT_FOUND_INCLUDE:
			characteristic = false;
			break;
		case GATT_FOUND_CHARACTERISTIC:
			characteristic = is_exposed(gateway, &found->uuid);
			if (!service && !characteristic)
				break;
			show_handle(gateway, declaration);
			show_handle(gateway, found->value);
			break;
		case GATT_FOUND_DESCRIPTOR:
			break;
		}
		if (service || characteristic)
			show_handle(gateway, found->handle);
	}
}

bool gateway_shown(const struct gateway *gateway, uint16_t handle)
{
	return !gateway->set.expose_count ||
	       gateway->shown[handle / 8] >> handle % 8 & 1;
}

/* The last entry before or at the handle tells of it. */
bool gateway_hidden(const struct gateway *gateway, uint16_t handle)
{
	size_t low = 0, high = gateway->used;
	const struct gatt_found *found;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (gateway->table[middle].handle <= handle)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || gateway_shown(gateway, handle))
		return false;
	found = &gateway->table[low - 1];
	return found->handle == handle ||
	       (found->kind == GATT_FOUND_CHARACTERISTIC &&
		found->value == handle);
}

/* The gateway's own service is in no group of the peripheral's. */
static void limit_end(const struct gateway *gateway, uint8_t *end)
{
	if (gateway_is_own(gateway, get_le16(end)))
		put_le16(end, GATEWAY_OWN - 1);
}

static bool asked_for_includes(const struct gateway *gateway)
{
	const struct gatt_uuid include = gatt_uuid16(GATT_INCLUDE);
	const struct gatt_uuid type = gatt_uuid_from(gateway->asked.pdu + 5,
						     gateway->asked.len - 5);

	return gatt_uuid_equal(&type, &include);
}

/* One entry, for this central. */
static void edit_entry(const struct gateway *gateway,
		       const struct central *central, uint8_t opcode,
		       uint8_t *entry, size_t each)
{
	const uint16_t handle = get_le16(entry);

	switch (opcode) {
	case ATT_FIND_BY_TYPE_VALUE_RSP:
	case ATT_READ_BY_GROUP_TYPE_RSP:
		limit_end(gateway, entry + 2);
		return;
	case ATT_READ_BY_TYPE_RSP:
		if (each >= 4 && gateway_configuration(gateway, handle))
			put_le16(entry + 2, gateway_bits(central, handle));
		else if (each >= 6 && asked_for_includes(gateway))
			limit_end(gateway, entry + 4);
		return;
	}
}

size_t gateway_edit(const struct gateway *gateway,
		    const struct central *central, uint8_t *pdu, size_t len,
		    uint32_t *next)
{
	size_t each, used;
	const size_t head = att_list(pdu, len, &each);

	used = head;
	for (size_t i = head; i < len; i += each) {
		uint8_t *entry = pdu + i;
		const uint16_t handle = get_le16(entry);

		*next = handle + 1U;
		if (pdu[0] == ATT_READ_BY_GROUP_TYPE_RSP)
			*next = get_le16(entry + 2) + 1U;
		if (!gateway_shown(gateway, handle))
			continue;
		edit_entry(gateway, central, pdu[0], entry, each);
		memmove(pdu + used, entry, each);
		used += each;
	}
	return used > head ? used : 0;
}

/* Lengths and values: a length is whole, or not there. */
static size_t cut_variable(const uint8_t *pdu, size_t len, size_t mtu)
{
	for (size_t i = 1; i < mtu; i += 2U + get_le16(pdu + i))
		if (mtu - i < 2)
			return i;
	return len < mtu ? len : mtu;
}

size_t gateway_cut(uint8_t *pdu, size_t len, uint16_t mtu)
{
	size_t each;
	const size_t head = att_list(pdu, len, &each);

	if (len <= mtu)
		return len;
	if (pdu[0] == ATT_READ_MULTIPLE_VARIABLE_RSP)
		return cut_variable(pdu, len, mtu);
	if (!head)
		return mtu;
	/* Of the first, if it is too long, what there is room for. */
	if (head + each > mtu) {
		pdu[1] = (uint8_t)(mtu - head);
		return mtu;
	}
	return head + (mtu - head) / each * each;
}

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
		 (uint16_t)(handle + OWN_OFFSET));
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

	put_le16(p, handle < GATEWAY_OWN ? 1 : (uint16_t)(handle - OWN_OFFSET));
}

static void handle_to_client(uint8_t *p)
{
	const uint16_t handle = get_le16(p);

	if (handle)
		put_le16(p, (uint16_t)(handle + OWN_OFFSET));
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
