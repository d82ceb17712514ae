/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "gateway/gateway-link.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "gateway/gateway.h"

static const struct gatt_op discover = { .kind = GATT_OP_DISCOVER };

static void forget_discovery(struct gateway_link *link)
{
	gatt_explorer_free(&link->explorer);
	free(link->found);
	link->found = NULL;
	link->found_count = link->found_room = 0;
}

void gateway_link_free(struct gateway_link *link)
{
	forget_discovery(link);
}

uint16_t gateway_link_mtu(const struct gateway_link *link)
{
	return link->explorer.mtu ? link->explorer.mtu : ATT_MTU_DEFAULT;
}

bool gateway_link_emit(struct gateway_link *link, const uint8_t *pdu,
		       size_t len)
{
	if (!link->up || link->busy)
		return false;
	link->busy = !link->calls->send(pdu, len, link->arg);
	return !link->busy;
}

bool gateway_link_ask(struct gateway_link *link, const uint8_t *pdu, size_t len,
		      uint64_t now)
{
	if (link->asking || !gateway_link_emit(link, pdu, len))
		return false;
	link->asking = true;
	link->asked.since = now;
	link->asked.len = len;
	memcpy(link->asked.pdu, pdu, len);
	return true;
}

static void link_flush(struct gateway_link *link)
{
	while (link->out_count &&
	       gateway_link_emit(link, link->out[0].pdu, link->out[0].len)) {
		link->out_count--;
		memmove(link->out, link->out + 1,
			link->out_count * sizeof(*link->out));
	}
}

static void link_lost(struct gateway_link *link)
{
	if (!link->up)
		return;
	link->up = link->ready = link->busy = false;
	link->asking = link->indicated = false;
	link->out_count = link->exploring.len = 0;
	forget_discovery(link);
	link->calls->lost(link->arg);
}

void gateway_link_fault(struct gateway_link *link, const char *words)
{
	if (!link->up)
		return;
	link_lost(link);
	link->calls->fault(words, link->arg);
}

/* Send a confirmation or an answer, now or as soon as the link takes it. */
static void link_say(struct gateway_link *link, const uint8_t *pdu, size_t len)
{
	if (!link->up || !len)
		return;
	if (link->out_count == GATEWAY_OUT) {
		gateway_link_fault(link, "it sends requests but does not take "
					 "the responses");
		return;
	}
	memcpy(link->out[link->out_count].pdu, pdu, len);
	link->out[link->out_count++].len = len;
	link_flush(link);
}

void gateway_link_confirm(struct gateway_link *link)
{
	static const uint8_t confirmation[] = { ATT_HANDLE_VALUE_CFM };

	link->indicated = false;
	link_say(link, confirmation, sizeof(confirmation));
}

static void on_link_found(const struct gatt_found *entry, void *arg)
{
	struct gateway_link *link = arg;
	size_t room = link->found_room ? 2 * link->found_room : 32;
	struct gatt_found *grown;

	if (link->found_count == link->found_room) {
		grown = realloc(link->found, room * sizeof(*grown));
		if (!grown) {
			link->short_of_memory = true;
			return;
		}
		link->found = grown;
		link->found_room = room;
	}
	link->found[link->found_count++] = *entry;
}

void gateway_link_up(struct gateway_link *link)
{
	link_lost(link);
	link->up = true;
	link->short_of_memory = false;
	link->explorer = (struct gatt_explorer){
		.ops = &discover,
		.count = 1,
		.arg = link,
		.found = on_link_found,
	};
}

void gateway_link_down(struct gateway_link *link)
{
	link_lost(link);
}

void gateway_link_writable(struct gateway_link *link)
{
	link->busy = false;
}

/* The entries of a list: whole, ascending, within what was asked for. */
static const char *list_fault(const struct gateway_link *link,
			      const uint8_t *pdu, size_t len)
{
	const uint16_t end = get_le16(link->asked.pdu + 3);
	uint32_t next = get_le16(link->asked.pdu + 1);
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

static bool has_form(const struct gateway_link *link, const uint8_t *pdu,
		     size_t len)
{
	switch (pdu[0]) {
	case ATT_READ_RSP:
	case ATT_READ_BLOB_RSP:
		return len - 1 <= ATT_VALUE_MAX;
	case ATT_READ_MULTIPLE_RSP:
		return true;
	case ATT_READ_MULTIPLE_VARIABLE_RSP:
		return is_multiple_variable(link->asked.len, pdu, len);
	case ATT_WRITE_RSP:
	case ATT_EXECUTE_WRITE_RSP:
		return len == 1;
	case ATT_PREPARE_WRITE_RSP:
		return len >= 5 && len <= link->asked.len;
	default:
		return false;
	}
}

/* NULL, or what is wrong with the response. */
static const char *response_fault(const struct gateway_link *link,
				  const uint8_t *pdu, size_t len)
{
	const uint8_t request = link->asked.pdu[0];
	const char *fault;

	if (!link->asking)
		return "it sends a response that was not requested";
	fault = att_response_fault(request, pdu, len);
	if (fault || pdu[0] == ATT_ERROR_RSP)
		return fault;
	if (att_asks_for_list(request))
		return list_fault(link, pdu, len);
	return has_form(link, pdu, len) ? NULL : "its response is malformed";
}

static void link_take_response(struct gateway_link *link, uint8_t *pdu,
			       size_t len, uint64_t now)
{
	const char *fault = response_fault(link, pdu, len);

	if (fault) {
		gateway_link_fault(link, fault);
		return;
	}
	/* The request stays in link->asked. */
	link->asking = false;
	link->calls->answered(pdu, len, now, link->arg);
}

static void link_take_value(uint16_t handle, const uint8_t *value, size_t len,
			    void *arg)
{
	const struct gateway_link *link = arg;

	link->calls->notified(handle, value, len, link->arg);
}

/* True also if the confirmation has not been sent yet. */
static bool is_unconfirmed(const struct gateway_link *link)
{
	for (size_t i = 0; i < link->out_count; i++)
		if (link->out[i].pdu[0] == ATT_HANDLE_VALUE_CFM)
			return true;
	return link->indicated;
}

static void link_take_indication(struct gateway_link *link, const uint8_t *pdu,
				 size_t len, uint64_t now)
{
	if (!att_has_value(pdu, len)) {
		gateway_link_fault(link, "its indication is malformed");
	} else if (is_unconfirmed(link)) {
		gateway_link_fault(link, "it does not wait for a confirmation");
	} else {
		link->indicated = true;
		link->calls->indicated(pdu, len, now, link->arg);
	}
}

/* The peripheral may be a client too; the server here has no attributes. */
static void link_take_request(struct gateway_link *link, const uint8_t *pdu,
			      size_t len)
{
	uint8_t rsp[ATT_MTU_OFFERED];

	/* Both directions have the same MTU (3.4.2.2). */
	link->server.db = &link->empty;
	link->server.mtu = gateway_link_mtu(link);
	link_say(link, rsp, gatt_server_handle(&link->server, pdu, len, rsp));
}

static void link_discovered(struct gateway_link *link)
{
	struct gatt_found *found = link->found;

	if (!link->short_of_memory) {
		link->found = NULL;
		link->ready = link->calls->discovered(found, link->found_count,
						      link->arg);
	}
	if (!link->ready) {
		gateway_link_fault(link, "out of memory");
		return;
	}
	forget_discovery(link);
	link->mtu = gateway_link_mtu(link);
}

static void link_take_discovery(struct gateway_link *link, const uint8_t *pdu,
				size_t len)
{
	const char *fault;

	/* It cannot answer a request that has not been sent yet. */
	if (link->exploring.len)
		fault = "it sends a response that was not requested";
	else
		fault = gatt_explorer_receive(&link->explorer, pdu, len);
	if (fault)
		gateway_link_fault(link, fault);
	else if (link->explorer.finished)
		link_discovered(link);
}

static void link_take_pdu(struct gateway_link *link, uint8_t *pdu, size_t len,
			  uint64_t now)
{
	switch (pdu[0]) {
	case ATT_HANDLE_VALUE_NTF:
	case ATT_MULTIPLE_HANDLE_VALUE_NTF:
		if (!att_each_value(pdu, len, link_take_value, link))
			gateway_link_fault(link,
					   "its notification is malformed");
		return;
	case ATT_HANDLE_VALUE_IND:
		link_take_indication(link, pdu, len, now);
		return;
	}
	if (gatt_server_takes(pdu[0]))
		link_take_request(link, pdu, len);
	else if (link->ready)
		link_take_response(link, pdu, len, now);
	else
		link_take_discovery(link, pdu, len);
}

void gateway_link_receive(struct gateway_link *link, const uint8_t *pdu,
			  size_t len, uint64_t now)
{
	uint8_t copy[ATT_MTU_OFFERED];

	if (!link->up)
		return;
	if (!len) {
		gateway_link_fault(link, "its PDU is empty");
	} else if (len > gateway_link_mtu(link)) {
		gateway_link_fault(link, "its PDU is longer than the MTU");
	} else {
		/* The callee may write to it. */
		memcpy(copy, pdu, len);
		link_take_pdu(link, copy, len, now);
	}
}

/* Send the explorer's requests until it has discovered everything. */
static void link_explore(struct gateway_link *link, uint64_t now)
{
	size_t *len = &link->exploring.len;

	while (!link->ready && !link->busy) {
		if (!*len) {
			*len = gatt_explorer_next(&link->explorer,
						  link->exploring.pdu);
			link->exploring.since = now;
		}
		if (!*len ||
		    !gateway_link_emit(link, link->exploring.pdu, *len))
			return;
		*len = 0;
	}
}

void gateway_link_pump(struct gateway_link *link, uint64_t now)
{
	link_flush(link);
	if (link->up)
		link_explore(link, now);
}

uint64_t gateway_link_due(const struct gateway_link *link)
{
	if (link->asking)
		return link->asked.since + GATEWAY_ANSWER;
	if (link->up && !link->ready)
		return link->exploring.since + GATEWAY_ANSWER;
	return GATEWAY_NEVER;
}
