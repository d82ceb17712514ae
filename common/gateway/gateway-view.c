/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of the peripheral a central sees, and how much of it in a PDU. */
#include "config.h"
#include "gateway/gateway-part.h"

#include <string.h>

#include "base/bytes.h"

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
