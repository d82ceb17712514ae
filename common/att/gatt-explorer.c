/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "att/gatt-explorer.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "att/gatt-explorer-step.h"

static size_t explorer_ask_mtu(struct gatt_explorer *explorer, uint8_t *pdu)
{
	(void)explorer;
	pdu[0] = ATT_EXCHANGE_MTU_REQ;
	put_le16(pdu + 1, ATT_MTU_OFFERED);
	return 3;
}

static void explorer_begin(struct gatt_explorer *explorer)
{
	if (explorer->count)
		gatt_discovery_start(explorer);
	else
		gatt_operation_start(explorer);
}

static const char *explorer_take_mtu(struct gatt_explorer *explorer,
				     const uint8_t *pdu, size_t len)
{
	uint16_t mtu;

	if (len != 3)
		return "its Exchange MTU Response is malformed";
	mtu = get_le16(pdu + 1);
	if (mtu < ATT_MTU_DEFAULT)
		return "it offers an MTU below 23";
	explorer->mtu = mtu < ATT_MTU_OFFERED ? mtu : ATT_MTU_OFFERED;
	explorer_begin(explorer);
	return NULL;
}

/* A server without this request keeps the default MTU (Part F 3.4.2.2). */
static const char *mtu_refused(struct gatt_explorer *explorer, uint8_t error)
{
	(void)error;
	explorer_begin(explorer);
	return NULL;
}

static const struct gatt_exchange *exchange_of(const struct gatt_explorer *of)
{
	static const struct gatt_exchange mtu = {
		explorer_ask_mtu,
		ATT_EXCHANGE_MTU_RSP,
		explorer_take_mtu,
		mtu_refused,
	};

	if (of->step == GATT_STEP_MTU)
		return &mtu;
	if (of->step < GATT_STEP_READ)
		return gatt_discovery_exchange(of->step);
	return gatt_operation_exchange(of->step);
}

size_t gatt_explorer_next(struct gatt_explorer *explorer, uint8_t *pdu)
{
	size_t len;

	if (!explorer->mtu)
		explorer->mtu = ATT_MTU_DEFAULT;
	if (explorer->confirm) {
		explorer->confirm = false;
		pdu[0] = ATT_HANDLE_VALUE_CFM;
		return 1;
	}
	if (explorer->refuse) {
		pdu[0] = ATT_ERROR_RSP;
		pdu[1] = explorer->refuse;
		put_le16(pdu + 2, 0);
		pdu[4] = ATT_ECODE_REQUEST_NOT_SUPPORTED;
		explorer->refuse = 0;
		return 5;
	}
	if (explorer->asked || explorer->step == GATT_STEP_DONE)
		return 0;
	len = exchange_of(explorer)->request(explorer, pdu);
	if (exchange_of(explorer)->response)
		explorer->asked = true;
	else
		gatt_operation_commanded(explorer);
	return len;
}

/*
 * The characteristic of a value is the last entry before it in a sorted table.
 */
static const struct gatt_uuid *value_uuid(const struct gatt_explorer *explorer,
					  uint16_t handle)
{
	size_t low = 0, high = explorer->sorted ? explorer->used : 0;
	const struct gatt_found *found;

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (explorer->table[middle].found.handle < handle)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	found = &explorer->table[low - 1].found;
	if (found->kind != GATT_FOUND_CHARACTERISTIC || found->value != handle)
		return NULL;
	return &found->uuid;
}

static void explorer_notify(struct gatt_explorer *explorer, uint16_t handle,
			    bool indication, const uint8_t *value, size_t len)
{
	if (explorer->notified)
		explorer->notified(handle, value_uuid(explorer, handle),
				   indication, value, len, explorer->arg);
}

static const char *explorer_take_indication(struct gatt_explorer *explorer,
					    const uint8_t *pdu, size_t len)
{
	if (!att_has_value(pdu, len))
		return "its indication is malformed";
	if (explorer->confirm)
		return "it does not wait for a confirmation";
	explorer->confirm = true;
	explorer_notify(explorer, get_le16(pdu + 1), true, pdu + 3, len - 3);
	return NULL;
}

static void on_notification(uint16_t handle, const uint8_t *value, size_t len,
			    void *arg)
{
	explorer_notify(arg, handle, false, value, len);
}

static const char *explorer_take_response(struct gatt_explorer *explorer,
					  const uint8_t *pdu, size_t len)
{
	const struct gatt_exchange *step;
	const char *fault;

	if (!explorer->asked)
		return "it sends a response that was not requested";
	step = exchange_of(explorer);
	fault = att_response_fault((uint8_t)(step->response - 1), pdu, len);
	if (fault)
		return fault;
	explorer->asked = false;
	if (pdu[0] == ATT_ERROR_RSP)
		return step->refused(explorer, pdu[4]);
	return step->take(explorer, pdu, len);
}

const char *gatt_explorer_receive(struct gatt_explorer *explorer,
				  const uint8_t *pdu, size_t len)
{
	if (!len)
		return "its PDU is empty";
	if (len > (explorer->mtu ? explorer->mtu : ATT_MTU_DEFAULT))
		return "its PDU is longer than the MTU";
	if (pdu[0] == ATT_HANDLE_VALUE_IND)
		return explorer_take_indication(explorer, pdu, len);
	if (pdu[0] == ATT_HANDLE_VALUE_NTF ||
	    pdu[0] == ATT_MULTIPLE_HANDLE_VALUE_NTF)
		return att_each_value(pdu, len, on_notification, explorer) ?
			NULL : "its notification is malformed";
	/* There is no server here that could be asked. */
	if (pdu[0] & ATT_COMMAND_FLAG || pdu[0] == ATT_HANDLE_VALUE_CFM)
		return NULL;
	if (pdu[0] & 1)
		return explorer_take_response(explorer, pdu, len);
	if (explorer->refuse)
		return "it does not wait for a response";
	explorer->refuse = pdu[0];
	return NULL;
}

void gatt_explorer_free(struct gatt_explorer *explorer)
{
	free(explorer->table);
	explorer->table = NULL;
	explorer->used = explorer->room = 0;
}
