/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/gatt-client.h"

#include <string.h>

#include "base/bytes.h"

static size_t client_request(struct gatt_client *client, uint8_t *req)
{
	switch (client->step) {
	case GATT_CLIENT_MTU:
		req[0] = ATT_EXCHANGE_MTU_REQ;
		put_le16(req + 1, ATT_MTU_OFFERED);
		return 3;
	case GATT_CLIENT_SERVICE:
		req[0] = ATT_FIND_BY_TYPE_VALUE_REQ;
		put_le16(req + 1, 0x0001);
		put_le16(req + 3, 0xffff);
		put_le16(req + 5, GATT_PRIMARY_SERVICE);
		memcpy(req + 7, tunnel_uuid_service.value, 16);
		return 23;
	case GATT_CLIENT_CHARACTERISTICS:
		req[0] = ATT_READ_BY_TYPE_REQ;
		put_le16(req + 1, client->next);
		put_le16(req + 3, client->end);
		put_le16(req + 5, GATT_CHARACTERISTIC);
		return 7;
	case GATT_CLIENT_DESCRIPTOR:
		req[0] = ATT_FIND_INFORMATION_REQ;
		put_le16(req + 1, client->next);
		put_le16(req + 3, client->end);
		return 5;
	case GATT_CLIENT_CAPABILITY:
		req[0] = ATT_READ_REQ;
		put_le16(req + 1, client->handles.capability);
		return 3;
	case GATT_CLIENT_ENABLE:
		req[0] = ATT_WRITE_REQ;
		put_le16(req + 1, client->handles.configuration);
		put_le16(req + 3, GATT_CONFIGURATION_NOTIFY);
		return 5;
	case GATT_CLIENT_DONE:
		break;
	}
	return 0;
}

size_t gatt_client_start(struct gatt_client *client, uint8_t *req)
{
	client->step = GATT_CLIENT_MTU;
	client->mtu = ATT_MTU_DEFAULT;
	return client_request(client, req);
}

static const char *client_take_mtu(struct gatt_client *client,
				   const uint8_t *pdu, size_t len)
{
	uint16_t mtu;

	/* A server without this request keeps the default MTU (3.4.2.2). */
	if (pdu[0] == ATT_ERROR_RSP) {
		client->step = GATT_CLIENT_SERVICE;
		return NULL;
	}
	if (len != 3)
		return "its Exchange MTU Response is malformed";
	mtu = get_le16(pdu + 1);
	if (mtu < ATT_MTU_DEFAULT)
		return "it offers an MTU below 23";
	client->mtu = mtu < ATT_MTU_OFFERED ? mtu : ATT_MTU_OFFERED;
	client->step = GATT_CLIENT_SERVICE;
	return NULL;
}

static const char *client_take_service(struct gatt_client *client,
				       const uint8_t *pdu, size_t len)
{
	size_t each;

	if (!att_list(pdu, len, &each))
		return "its Find By Type Value Response is malformed";
	client->next = get_le16(pdu + 1);
	client->end = get_le16(pdu + 3);
	if (!client->next || client->end < client->next)
		return "its service has an impossible range of handles";
	client->step = GATT_CLIENT_CHARACTERISTICS;
	return NULL;
}

static bool all_characteristics(const struct gatt_client *client)
{
	return client->handles.capability && client->handles.inbound &&
	       client->handles.outbound;
}

static const char *client_take_characteristics(struct gatt_client *client,
					       const uint8_t *pdu, size_t len)
{
	struct gatt_tunnel_handles *handles = &client->handles;
	size_t each;
	const size_t head = att_list(pdu, len, &each);

	if (!head || (each != 7 && each != 21))
		return "its Read By Type Response is malformed";
	for (const uint8_t *p = pdu + head; p < pdu + len; p += each) {
		struct gatt_uuid uuid = gatt_uuid_from(p + 5, each - 5);
		uint16_t declaration = get_le16(p), value = get_le16(p + 3);

		if (declaration < client->next || value <= declaration ||
		    value > client->end)
			return "its characteristics are out of order";
		client->next = value;
		if (gatt_uuid_equal(&uuid, &tunnel_uuid_capability))
			handles->capability = value;
		else if (gatt_uuid_equal(&uuid, &tunnel_uuid_inbound))
			handles->inbound = value;
		else if (gatt_uuid_equal(&uuid, &tunnel_uuid_outbound))
			handles->outbound = value;
	}
	if (all_characteristics(client)) {
		if (handles->outbound >= client->end)
			return "its outbound characteristic has no descriptor";
		client->next = (uint16_t)(handles->outbound + 1);
		client->step = GATT_CLIENT_DESCRIPTOR;
		return NULL;
	}
	return client->next++ < client->end ?
		NULL : "its blesec service lacks a characteristic";
}

static const char *client_take_descriptor(struct gatt_client *client,
					  const uint8_t *pdu, size_t len)
{
	const struct gatt_uuid wanted = gatt_uuid16(GATT_CLIENT_CONFIGURATION);
	size_t each;
	const size_t head = att_list(pdu, len, &each);

	if (!head)
		return "its Find Information Response is malformed";
	for (const uint8_t *p = pdu + head; p < pdu + len; p += each) {
		struct gatt_uuid uuid = gatt_uuid_from(p + 2, each - 2);
		uint16_t handle = get_le16(p);

		if (handle < client->next || handle > client->end)
			return "its descriptors are out of order";
		client->next = handle;
		if (!gatt_uuid_equal(&uuid, &wanted))
			continue;
		client->handles.configuration = handle;
		client->step = GATT_CLIENT_CAPABILITY;
		return NULL;
	}
	return client->next++ < client->end ?
		NULL : "its outbound characteristic has no descriptor";
}

static const char *client_take_capability(struct gatt_client *client,
					  const uint8_t *pdu, size_t len)
{
	if (len - 1 < CAPABILITY_MIN || len - 1 > CAPABILITY_MAX)
		return "its capability value has a wrong length";
	memcpy(client->capability, pdu + 1, len - 1);
	client->capability_len = len - 1;
	client->step = GATT_CLIENT_ENABLE;
	return NULL;
}

static const char *client_take_enabled(struct gatt_client *client,
				       const uint8_t *pdu, size_t len)
{
	(void)pdu;
	if (len != 1)
		return "its Write Response is malformed";
	client->step = GATT_CLIENT_DONE;
	return NULL;
}

static const struct {
	uint8_t response;
	const char *(*take)(struct gatt_client *, const uint8_t *, size_t);
	const char *on_error;
} steps[] = {
	[GATT_CLIENT_MTU] = { ATT_EXCHANGE_MTU_RSP, client_take_mtu, NULL },
	[GATT_CLIENT_SERVICE] = { ATT_FIND_BY_TYPE_VALUE_RSP,
				  client_take_service,
				  "it has no blesec service" },
	[GATT_CLIENT_CHARACTERISTICS] = { ATT_READ_BY_TYPE_RSP,
					  client_take_characteristics,
					  "its blesec service lacks a "
					  "characteristic" },
	[GATT_CLIENT_DESCRIPTOR] = { ATT_FIND_INFORMATION_RSP,
				     client_take_descriptor,
				     "its outbound characteristic has no "
				     "descriptor" },
	[GATT_CLIENT_CAPABILITY] = { ATT_READ_RSP, client_take_capability,
				     "it does not allow its capability to be "
				     "read" },
	[GATT_CLIENT_ENABLE] = { ATT_WRITE_RSP, client_take_enabled,
				 "it refuses to notify" },
};

const char *gatt_client_response(struct gatt_client *client,
				 const uint8_t *pdu, size_t len, uint8_t *req,
				 size_t *req_len)
{
	const char *fault;

	*req_len = 0;
	if (!len || client->step >= GATT_CLIENT_DONE)
		return "it sends a response that was not requested";
	fault = att_response_fault(
		(uint8_t)(steps[client->step].response - 1), pdu, len);
	if (!fault && pdu[0] == ATT_ERROR_RSP)
		fault = steps[client->step].on_error;
	if (fault)
		return fault;
	fault = steps[client->step].take(client, pdu, len);
	if (!fault)
		*req_len = client_request(client, req);
	return fault;
}
