/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the peripheral sends: nothing of it is believed unseen. */
#include "config.h"
#include "gateway/gateway-part.h"

#include <string.h>

#include "base/bytes.h"

/* The entries of a list: whole, ascending, within what was asked for. */
static const char *list_fault(const struct gateway *gateway,
			      const uint8_t *pdu, size_t len)
{
	const uint16_t end = get_le16(gateway->asked.pdu + 3);
	uint32_t next = get_le16(gateway->asked.pdu + 1);
	size_t each;
	const size_t head = att_list(pdu, len, &each);

	if (!head)
		return "its list is malformed";
	for (size_t i = head; i < len; i += each) {
		const uint16_t handle = get_le16(pdu + i);
		uint16_t last = handle;

		if (handle < next || handle > end)
			return "its list is out of order";
		if (pdu[0] == ATT_FIND_BY_TYPE_VALUE_RSP ||
		    pdu[0] == ATT_READ_BY_GROUP_TYPE_RSP) {
			last = get_le16(pdu + i + 2);
			if (last < handle)
				return "a group in its list ends before it "
				       "begins";
		}
		next = pdu[0] == ATT_READ_BY_GROUP_TYPE_RSP ? last + 1U :
							      handle + 1U;
	}
	return NULL;
}

/* 3.4.4.12: lengths and values, of which the last may be cut. */
static bool is_multiple_variable(size_t request_len, const uint8_t *pdu,
				 size_t len)
{
	size_t values = (request_len - 1) / 2, i = 1;

	for (; i < len; values--) {
		if (!values || len - i < 2)
			return false;
		i += 2U + get_le16(pdu + i);
	}
	return true;
}

static bool has_form(const struct gateway *gateway, const uint8_t *pdu,
		     size_t len)
{
	switch (pdu[0]) {
	case ATT_READ_RSP:
	case ATT_READ_BLOB_RSP:
		return len - 1 <= ATT_VALUE_MAX;
	case ATT_READ_MULTIPLE_RSP:
		return true;
	case ATT_READ_MULTIPLE_VARIABLE_RSP:
		return is_multiple_variable(gateway->asked.len, pdu, len);
	case ATT_WRITE_RSP:
	case ATT_EXECUTE_WRITE_RSP:
		return len == 1;
	case ATT_PREPARE_WRITE_RSP:
		return len >= 5 && len <= gateway->asked.len;
	default:
		return false;
	}
}

const char *gateway_response_fault(const struct gateway *gateway,
				   const uint8_t *pdu, size_t len)
{
	const uint8_t request = gateway->asked.pdu[0];
	const char *fault;

	if (gateway->asked.by == ASKER_NOBODY)
		return "it answers what was not asked";
	fault = att_response_fault(request, pdu, len);
	if (fault || pdu[0] == ATT_ERROR_RSP)
		return fault;
	if (gateway_is_list(request))
		return list_fault(gateway, pdu, len);
	return has_form(gateway, pdu, len) ? NULL : "its response is malformed";
}

static void link_take_response(struct gateway *gateway, uint8_t *pdu,
			       size_t len, uint64_t now)
{
	struct central *central = gateway->asked.central;
	const enum asker by = gateway->asked.by;
	const uint8_t request = gateway->asked.pdu[0];
	const bool done = pdu[0] != ATT_ERROR_RSP;
	const char *fault = gateway_response_fault(gateway, pdu, len);

	if (fault) {
		gateway_fault(gateway, fault);
		return;
	}
	/* What was asked is still there to be looked at. */
	gateway->asked.by = ASKER_NOBODY;
	gateway->asked.central = NULL;
	if (by == ASKER_CANCEL && !done)
		gateway_fault(gateway, "it does not cancel a prepared write");
	else if (by == ASKER_CANCEL)
		gateway->cancelling = false;
	else if (gateway->asked.configuration)
		gateway_configured(gateway, by, central, done);
	else if (request == ATT_PREPARE_WRITE_REQ ||
		 request == ATT_EXECUTE_WRITE_REQ)
		gateway_prepared(gateway, request, done, now);
	if (central)
		gateway_answer(gateway, central, pdu, len);
}

static void link_take_value(uint16_t handle, const uint8_t *value, size_t len,
			    void *arg)
{
	gateway_notify(arg, handle, value, len);
}

/* Also when the link has not taken the confirmation yet. */
static bool is_unconfirmed(const struct gateway *gateway)
{
	for (size_t i = 0; i < gateway->out_count; i++)
		if (gateway->out[i].pdu[0] == ATT_HANDLE_VALUE_CFM)
			return true;
	return gateway->indication.len > 0;
}

static void link_take_indication(struct gateway *gateway, const uint8_t *pdu,
				 size_t len, uint64_t now)
{
	if (!att_has_value(pdu, len))
		gateway_fault(gateway, "its indication is malformed");
	else if (is_unconfirmed(gateway))
		gateway_fault(gateway, "it does not wait for a confirmation");
	else if (gateway_is_service_changed(&gateway->view, get_le16(pdu + 1)))
		gateway_fault(gateway, "its services have changed");
	else
		gateway_indicate(gateway, pdu, len, now);
}

/* It is a client as well, of a server that has nothing. */
static void link_take_request(struct gateway *gateway, const uint8_t *pdu,
			      size_t len)
{
	uint8_t rsp[ATT_MTU_OFFERED];

	/* What it offers is what it answered, or will (3.4.2.2). */
	gateway->server.mtu = gateway_link_mtu(gateway);
	gateway_say(gateway, rsp, gatt_server_handle(&gateway->server, pdu,
						     len, rsp));
}

static void link_take_discovery(struct gateway *gateway, const uint8_t *pdu,
				size_t len)
{
	const char *fault;

	/* Of what the link has not taken yet, it cannot know. */
	if (gateway->exploring.len)
		fault = "it answers what was not asked";
	else
		fault = gatt_explorer_receive(&gateway->explorer, pdu, len);
	if (fault)
		gateway_fault(gateway, fault);
	else if (gateway->explorer.finished)
		gateway_discovered(gateway);
}

static void link_take(struct gateway *gateway, uint8_t *pdu, size_t len,
		      uint64_t now)
{
	switch (pdu[0]) {
	case ATT_HANDLE_VALUE_NTF:
	case ATT_MULTIPLE_HANDLE_VALUE_NTF:
		if (!att_each_value(pdu, len, link_take_value, gateway))
			gateway_fault(gateway, "its notification is malformed");
		return;
	case ATT_HANDLE_VALUE_IND:
		link_take_indication(gateway, pdu, len, now);
		return;
	}
	if (gatt_server_takes(pdu[0]))
		link_take_request(gateway, pdu, len);
	else if (gateway->ready)
		link_take_response(gateway, pdu, len, now);
	else
		link_take_discovery(gateway, pdu, len);
}

void gateway_peripheral(struct gateway *gateway, const uint8_t *pdu,
			size_t len, uint64_t now)
{
	uint8_t copy[ATT_MTU_OFFERED];

	if (!gateway->up)
		return;
	if (!len) {
		gateway_fault(gateway, "its PDU is empty");
	} else if (len > gateway_link_mtu(gateway)) {
		gateway_fault(gateway, "its PDU is longer than the MTU");
	} else {
		/* It is edited for who asked. */
		memcpy(copy, pdu, len);
		link_take(gateway, copy, len, now);
	}
	gateway_pump(gateway, now);
}
