/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handles of the gateway's own service begin with GATEWAY_OWN for centrals,
 * and with 1 in its database and the server that answers from it.
 */
#include "config.h"
#include "gateway/gateway-view.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "gateway/gateway.h"

#define OWN_OFFSET (GATEWAY_OWN - 1)

static bool is_exposed(const struct gateway_view *view,
		       const struct gatt_uuid *uuid)
{
	for (size_t i = 0; i < view->expose_count; i++)
		if (gatt_uuid_equal(&view->expose[i], uuid))
			return true;
	return false;
}

static void show_handle(struct gateway_view *view, uint16_t handle)
{
	view->shown[handle / 8] |= (uint8_t)(1U << handle % 8);
}

/*
 * Show all of an exposed service; or an exposed characteristic and the
 * declaration of its service.
 */
static void look_at_found(struct gateway_view *view)
{
	bool service = false, characteristic = false;
	uint16_t declaration = 0;

	memset(view->shown, 0, sizeof(view->shown));
	view->offered = true;
	for (size_t i = 0; i < view->used; i++) {
		const struct gatt_found *found = &view->table[i];

		if (found->handle >= GATEWAY_OWN ||
		    (found->kind == GATT_FOUND_CHARACTERISTIC &&
		     found->value >= GATEWAY_OWN))
			view->offered = false;
		switch (found->kind) {
		case GATT_FOUND_PRIMARY:
		case GATT_FOUND_SECONDARY:
			service = is_exposed(view, &found->uuid);
			declaration = found->handle;
			/* fall through */
		case GATT_FOUND_INCLUDE:
			characteristic = false;
			break;
		case GATT_FOUND_CHARACTERISTIC:
			characteristic = is_exposed(view, &found->uuid);
			if (!service && !characteristic)
				break;
			show_handle(view, declaration);
			show_handle(view, found->value);
			break;
		case GATT_FOUND_DESCRIPTOR:
			break;
		}
		if (service || characteristic)
			show_handle(view, found->handle);
	}
}

static uint8_t allowed_bits(uint8_t properties)
{
	return (uint8_t)((properties & GATT_PROPERTY_NOTIFY ?
			  GATT_CONFIGURATION_NOTIFY : 0) |
			 (properties & GATT_PROPERTY_INDICATE ?
			  GATT_CONFIGURATION_INDICATE : 0));
}

/* In order of handles.  False: no memory. */
static bool list_configurations(struct gateway_view *view)
{
	const struct gatt_uuid type = gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	const struct gatt_uuid changed = gatt_uuid16(GATT_SERVICE_CHANGED);
	const struct gatt_found *characteristic = NULL;
	struct configuration *list;
	size_t n = 0;

	free(view->configurations);
	view->configured = 0;
	for (size_t i = 0; i < view->used; i++)
		n += gatt_uuid_equal(&view->table[i].uuid, &type);
	list = view->configurations = calloc(n + 1, sizeof(*list));
	if (!list)
		return false;
	for (size_t i = 0; i < view->used; i++) {
		const struct gatt_found *found = &view->table[i];

		if (found->kind != GATT_FOUND_DESCRIPTOR)
			characteristic = found;
		else if (characteristic && gatt_uuid_equal(&found->uuid, &type))
			list[view->configured++] = (struct configuration){
				.handle = found->handle,
				.value = characteristic->value,
				.allowed = allowed_bits(
					characteristic->properties),
				.services = gatt_uuid_equal(
					&characteristic->uuid, &changed),
			};
	}
	return true;
}

struct configuration *gateway_configuration(const struct gateway_view *view,
					    uint16_t handle)
{
	for (size_t i = 0; i < view->configured; i++)
		if (view->configurations[i].handle == handle)
			return &view->configurations[i];
	return NULL;
}

uint8_t gateway_bits(const struct gatt_server *server, uint16_t handle)
{
	return (uint8_t)gatt_server_configuration(server, handle);
}

bool gateway_is_service_changed(const struct gateway_view *view, uint16_t value)
{
	for (size_t i = 0; i < view->configured; i++)
		if (view->configurations[i].services &&
		    view->configurations[i].value == value)
			return true;
	return false;
}

static bool same_found(const struct gatt_found *a, const struct gatt_found *b)
{
	return a->kind == b->kind && a->handle == b->handle &&
	       a->value == b->value && a->end == b->end &&
	       a->properties == b->properties &&
	       ((!a->uuid.len && !b->uuid.len) ||
		gatt_uuid_equal(&a->uuid, &b->uuid));
}

bool gateway_view_differs(const struct gateway_view *view,
			  const struct gatt_found *table, size_t used)
{
	if (!view->known)
		return false;
	if (view->used != used)
		return true;
	for (size_t i = 0; i < used; i++)
		if (!same_found(&view->table[i], &table[i]))
			return true;
	return false;
}

bool gateway_view_set(struct gateway_view *view, struct gatt_found *table,
		      size_t used)
{
	free(view->table);
	view->table = table;
	view->used = used;
	look_at_found(view);
	view->known = list_configurations(view);
	return view->known;
}

bool gateway_shown(const struct gateway_view *view, uint16_t handle)
{
	return !view->expose_count || view->shown[handle / 8] >> handle % 8 & 1;
}

/* The attribute belongs to the last entry at or before its handle. */
bool gateway_hidden(const struct gateway_view *view, uint16_t handle)
{
	size_t low = 0, high = view->used;
	const struct gatt_found *found;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (view->table[middle].handle <= handle)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || gateway_shown(view, handle))
		return false;
	found = &view->table[low - 1];
	return found->handle == handle ||
	       (found->kind == GATT_FOUND_CHARACTERISTIC &&
		found->value == handle);
}

/* The gateway's own service does not belong to a group of the peripheral. */
static void limit_end(const struct gateway_view *view, uint8_t *end)
{
	if (gateway_is_own(view, get_le16(end)))
		put_le16(end, GATEWAY_OWN - 1);
}

static bool asks_for_includes(const uint8_t *request, size_t len)
{
	const struct gatt_uuid include = gatt_uuid16(GATT_INCLUDE);
	const struct gatt_uuid type = gatt_uuid_from(request + 5, len - 5);

	return gatt_uuid_equal(&type, &include);
}

/* Edit one entry for this central. */
static void edit_entry(const struct gateway_view *view,
		       const struct gatt_server *server, const uint8_t *request,
		       size_t request_len, uint8_t *entry, size_t each)
{
	const uint16_t handle = get_le16(entry);

	switch (request[0] + 1) {
	case ATT_FIND_BY_TYPE_VALUE_RSP:
	case ATT_READ_BY_GROUP_TYPE_RSP:
		limit_end(view, entry + 2);
		return;
	case ATT_READ_BY_TYPE_RSP:
		if (each >= 4 && gateway_configuration(view, handle))
			put_le16(entry + 2, gateway_bits(server, handle));
		else if (each >= 6 && asks_for_includes(request, request_len))
			limit_end(view, entry + 4);
		return;
	}
}

size_t gateway_edit(const struct gateway_view *view,
		    const struct gatt_server *server, const uint8_t *request,
		    size_t request_len, uint8_t *pdu, size_t len,
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
		if (!gateway_shown(view, handle))
			continue;
		edit_entry(view, server, request, request_len, entry, each);
		memmove(pdu + used, entry, each);
		used += each;
	}
	return used > head ? used : 0;
}

/* Lengths and values: a length is not cut. */
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
	/* If the first entry is too long, cut it. */
	if (head + each > mtu) {
		pdu[1] = (uint8_t)(mtu - head);
		return mtu;
	}
	return head + (mtu - head) / each * each;
}

bool gateway_view_init(struct gateway_view *view)
{
	static const char name[] = "Peripheral Advertising Data";
	const struct gatt_uuid description = gatt_uuid16(0x2901);
	struct gatt_db *db = &view->own;
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
	view->advertising = handle;
	/* The value's handle in the declaration, as clients see it. */
	put_le16(gatt_db_find(db, (uint16_t)(handle - 1))->value + 1,
		 (uint16_t)(handle + OWN_OFFSET));
	return true;
}

void gateway_view_advertise(struct gateway_view *view, const uint8_t *data,
			    size_t len)
{
	if (len > GATEWAY_ADVERTISING_MAX)
		len = GATEWAY_ADVERTISING_MAX;
	gatt_db_set_value(&view->own, view->advertising, data, len);
}

bool gateway_is_own(const struct gateway_view *view, uint16_t handle)
{
	return view->known && view->offered && handle >= GATEWAY_OWN;
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
	if (att_asks_for_list(pdu[0]))
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

size_t gateway_own_answer(struct gatt_server *server, const uint8_t *request,
			  size_t len, uint8_t *rsp)
{
	uint8_t pdu[ATT_MTU_OFFERED];
	size_t n;

	memcpy(pdu, request, len);
	translate_request(pdu, len);
	n = gatt_server_handle(server, pdu, len, rsp);
	translate_response(rsp, n);
	/* The handle as it was in the request. */
	if (rsp[0] == ATT_ERROR_RSP && att_asks_for_list(request[0]))
		memcpy(rsp + 2, request + 1, 2);
	return n;
}

void gateway_view_free(struct gateway_view *view)
{
	free(view->table);
	free(view->configurations);
	gatt_db_free(&view->own);
}
