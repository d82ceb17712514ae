/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Serves the requests and commands of the centrals: they are answered here, or
 * sent on to the peripheral, and its answer is made what a server of the
 * central's own would have answered.
 */
#include "config.h"
#include "gateway/gateway.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "gateway/gateway-share.h"

struct gateway {
	struct gateway_settings set;
	struct gateway_link link;
	struct gateway_view view; /* of the link before, until this one
				   * is ready */
	struct gateway_share share;
};

static bool is_write(uint8_t opcode)
{
	return opcode == ATT_WRITE_REQ || opcode == ATT_PREPARE_WRITE_REQ;
}

/* A request longer than either ATT_MTU could not have been sent. */
static uint8_t length_error(const struct held *held, size_t mtu)
{
	if (held->len <= mtu)
		return 0;
	return is_write(held->pdu[0]) ? ATT_ECODE_INVALID_ATTRIBUTE_VALUE_LENGTH
				      : ATT_ECODE_INVALID_PDU;
}

static bool serve_mtu(struct gateway *gateway, struct central *central,
		      const struct held *held)
{
	uint16_t mtu = get_le16(held->pdu + 1);
	uint8_t rsp[3] = { ATT_EXCHANGE_MTU_RSP };

	if (!gateway->link.mtu || (gateway->link.up && !gateway->link.ready))
		return false;
	put_le16(rsp + 1, gateway->link.mtu);
	if (mtu > gateway->link.mtu)
		mtu = gateway->link.mtu;
	central->mtu = mtu > ATT_MTU_DEFAULT ? mtu : ATT_MTU_DEFAULT;
	gateway_respond(central, rsp, sizeof(rsp));
	return true;
}

/* Is it for the gateway's own service?  A range is if it begins there. */
static bool is_for_own(const struct gateway *gateway, const struct held *held)
{
	if (held->pdu[0] == ATT_EXECUTE_WRITE_REQ)
		return false;
	if (gateway_is_multiple(held->pdu[0]))
		for (size_t i = 1; i < held->len; i += 2)
			if (!gateway_is_own(&gateway->view,
					    get_le16(held->pdu + i)))
				return false;
	return gateway_is_own(&gateway->view, get_le16(held->pdu + 1));
}

static void answer_own(struct central *central, const struct held *held)
{
	uint8_t rsp[ATT_MTU_OFFERED];

	central->server.mtu = central->mtu;
	gateway_respond(central, rsp,
			gateway_own_answer(&central->server, held->pdu,
					   held->len, rsp));
}

/* The peripheral has nothing in the range, but the gateway may have. */
static void nothing_found(struct gateway *gateway, struct central *central)
{
	const struct held *held = gateway_request(central);

	if (gateway_is_own(&gateway->view, get_le16(held->pdu + 3)))
		answer_own(central, held);
	else
		gateway_refuse(central, get_le16(held->pdu + 1),
			       ATT_ECODE_ATTRIBUTE_NOT_FOUND);
}

static bool is_configuration_type(const struct held *held)
{
	const struct gatt_uuid type = gatt_uuid_from(held->pdu + 5, 2);
	const struct gatt_uuid configuration =
		gatt_uuid16(GATT_CLIENT_CONFIGURATION);

	return gatt_uuid_equal(&type, &configuration);
}

static bool serve_list(struct gateway *gateway, struct central *central,
		       const struct held *held, uint64_t now)
{
	const uint16_t start = get_le16(held->pdu + 1);
	const uint16_t from = central->from ? central->from : start;
	uint16_t end = get_le16(held->pdu + 3);
	uint8_t pdu[ATT_MTU_OFFERED];

	if (!start || start > end) {
		gateway_refuse(central, start, ATT_ECODE_INVALID_HANDLE);
		return true;
	}
	if (held->pdu[0] == ATT_FIND_BY_TYPE_VALUE_REQ &&
	    is_configuration_type(held)) {
		gateway_find_configurations(&gateway->share, central, held);
		return true;
	}
	if (gateway_is_own(&gateway->view, end))
		end = GATEWAY_OWN - 1;
	memcpy(pdu, held->pdu, held->len);
	put_le16(pdu + 1, from);
	put_le16(pdu + 3, end);
	return gateway_ask(&gateway->share, ASKER_CENTRAL, central, pdu,
			   held->len, now);
}

static bool serve_multiple(struct gateway *gateway, struct central *central,
			   const struct held *held, uint64_t now)
{
	bool shared = false;

	for (size_t i = 1; i < held->len; i += 2) {
		const uint16_t handle = get_le16(held->pdu + i);

		shared |= gateway_configuration(&gateway->view, handle) ||
			  gateway_is_own(&gateway->view, handle);
		if (gateway_is_own(&gateway->view, handle) ||
		    gateway_shown(&gateway->view, handle))
			continue;
		gateway_refuse(central, handle, ATT_ECODE_INVALID_HANDLE);
		return true;
	}
	if (!shared)
		return gateway_ask(&gateway->share, ASKER_CENTRAL, central,
				   held->pdu, held->len, now);
	gateway_refuse(central, get_le16(held->pdu + 1),
		       ATT_ECODE_REQUEST_NOT_SUPPORTED);
	return true;
}

/* A value that is not long for the peripheral has to be read as a whole. */
static bool read_part(struct gateway *gateway, struct central *central,
		      const struct held *held, uint64_t now)
{
	uint8_t pdu[3] = { ATT_READ_REQ };

	if (!central->whole)
		return gateway_ask(&gateway->share, ASKER_CENTRAL, central,
				   held->pdu, held->len, now);
	memcpy(pdu + 1, held->pdu + 1, 2);
	return gateway_ask(&gateway->share, ASKER_CENTRAL, central, pdu,
			   sizeof(pdu), now);
}

/* A request for an attribute of which each central has its own value. */
static bool access_configuration(struct gateway *gateway,
				 struct central *central,
				 struct configuration *configuration,
				 const struct held *held, uint64_t now)
{
	uint8_t rsp[3] = { ATT_READ_RSP };

	switch (held->pdu[0]) {
	case ATT_READ_REQ:
		put_le16(rsp + 1,
			 gateway_bits(&central->server, configuration->handle));
		gateway_respond(central, rsp, sizeof(rsp));
		return true;
	case ATT_WRITE_REQ:
		return gateway_configure(&gateway->share, central,
					 configuration, held, now);
	default:
		gateway_refuse(central, configuration->handle,
			       ATT_ECODE_ATTRIBUTE_NOT_LONG);
		return true;
	}
}

/* A request for one attribute. */
static bool serve_one_handle(struct gateway *gateway, struct central *central,
			     const struct held *held, uint64_t now)
{
	const uint16_t handle = get_le16(held->pdu + 1);
	struct configuration *configuration =
		gateway_configuration(&gateway->view, handle);

	if (!gateway_shown(&gateway->view, handle)) {
		gateway_refuse(central, handle, ATT_ECODE_INVALID_HANDLE);
		return true;
	}
	if (configuration)
		return access_configuration(gateway, central, configuration,
					    held, now);
	if (gateway->set.read_only && is_write(held->pdu[0])) {
		gateway_refuse(central, handle, ATT_ECODE_WRITE_NOT_PERMITTED);
		return true;
	}
	if (held->pdu[0] == ATT_PREPARE_WRITE_REQ)
		return gateway_prepare(&gateway->share, central, held, now);
	if (held->pdu[0] == ATT_READ_BLOB_REQ)
		return read_part(gateway, central, held, now);
	return gateway_ask(&gateway->share, ASKER_CENTRAL, central, held->pdu,
			   held->len, now);
}

static bool serve_request(struct gateway *gateway, struct central *central,
			  const struct held *held, uint64_t now)
{
	uint8_t error = att_form_error(held->pdu, held->len);

	if (!error)
		error = length_error(held, central->mtu);
	if (!error && held->pdu[0] == ATT_EXCHANGE_MTU_REQ)
		return serve_mtu(gateway, central, held);
	if (!error && is_for_own(gateway, held)) {
		answer_own(central, held);
		return true;
	}
	if (!error && !gateway->link.ready)
		return false;
	if (!error)
		error = length_error(held, gateway->link.mtu);
	if (error) {
		gateway_refuse(central, gateway_request_handle(central), error);
		return true;
	}
	if (held->pdu[0] == ATT_EXECUTE_WRITE_REQ)
		return gateway_execute(&gateway->share, central, held, now);
	if (att_asks_for_list(held->pdu[0]))
		return serve_list(gateway, central, held, now);
	if (gateway_is_multiple(held->pdu[0]))
		return serve_multiple(gateway, central, held, now);
	return serve_one_handle(gateway, central, held, now);
}

/* A command that is not permitted is discarded: it has no answer. */
static bool is_permitted(const struct gateway *gateway,
			 const struct central *central, const struct held *held)
{
	uint16_t handle;

	if (att_form_error(held->pdu, held->len) || held->len > central->mtu ||
	    held->len > gateway->link.mtu)
		return false;
	handle = get_le16(held->pdu + 1);
	return !gateway->set.read_only &&
	       !gateway_is_own(&gateway->view, handle) &&
	       gateway_shown(&gateway->view, handle) &&
	       !gateway_configuration(&gateway->view, handle);
}

/* Returns true if something was done with the PDU that is held there. */
static bool serve_held(struct gateway *gateway, struct central *central,
		       size_t index, uint64_t now)
{
	const struct held *held = &central->held[index];

	if (!(held->pdu[0] & ATT_COMMAND_FLAG))
		return serve_request(gateway, central, held, now);
	if (!gateway->link.ready ||
	    (is_permitted(gateway, central, held) &&
	     !gateway_link_emit(&gateway->link, held->pdu, held->len)))
		return false;
	gateway_release(central, index);
	return true;
}

/*
 * Go on with the list from there at the central's next turn, if there is more.
 */
static void list_from(struct gateway *gateway, struct central *central,
		      uint32_t handle)
{
	const struct held *held = gateway_request(central);
	uint16_t end = get_le16(held->pdu + 3);

	if (gateway_is_own(&gateway->view, end))
		end = GATEWAY_OWN - 1;
	if (handle > end)
		nothing_found(gateway, central);
	else
		central->from = (uint16_t)handle;
}

/* Does the error come from an attribute that the central cannot see? */
static bool is_hidden_error(const struct gateway *gateway, uint8_t request,
			    uint16_t handle, uint8_t error)
{
	if (!att_asks_for_list(request) ||
	    !gateway_hidden(&gateway->view, handle) ||
	    handle < get_le16(gateway->link.asked.pdu + 1))
		return false;
	switch (error) {
	case ATT_ECODE_READ_NOT_PERMITTED:
	case ATT_ECODE_INSUFFICIENT_AUTHENTICATION:
	case ATT_ECODE_INSUFFICIENT_AUTHORIZATION:
	case ATT_ECODE_ENCRYPTION_KEY_SIZE_TOO_SHORT:
	case ATT_ECODE_INSUFFICIENT_ENCRYPTION:
		return true;
	default:
		return error >= 0x80;	/* the application's */
	}
}

static void answer_error(struct gateway *gateway, struct central *central,
			 uint16_t handle, uint8_t error)
{
	const uint8_t request = gateway_request(central)->pdu[0];

	if (request == ATT_READ_BLOB_REQ && !central->whole &&
	    error == ATT_ECODE_ATTRIBUTE_NOT_LONG &&
	    central->mtu < gateway->link.mtu) {
		central->whole = true;
	} else if (is_hidden_error(gateway, request, handle, error)) {
		list_from(gateway, central, handle + 1U);
	} else if (att_asks_for_list(request) &&
		   error == ATT_ECODE_ATTRIBUTE_NOT_FOUND) {
		nothing_found(gateway, central);
	} else {
		if (handle && !gateway_shown(&gateway->view, handle))
			handle = gateway_request_handle(central);
		gateway_refuse(central, handle, error);
	}
}

/* Answer a Read Blob with its part of a Read Response. */
static void answer_part(struct central *central, uint8_t *pdu, size_t len)
{
	const struct held *held = gateway_request(central);
	const uint16_t offset = get_le16(held->pdu + 3);
	const uint16_t handle = get_le16(held->pdu + 1);

	if (len <= central->mtu) {
		gateway_refuse(central, handle, ATT_ECODE_ATTRIBUTE_NOT_LONG);
	} else if (offset > len - 1) {
		gateway_refuse(central, handle, ATT_ECODE_INVALID_OFFSET);
	} else {
		len -= offset;
		memmove(pdu + 1, pdu + 1 + offset, len - 1);
		pdu[0] = ATT_READ_BLOB_RSP;
		gateway_respond(central, pdu,
				gateway_cut(pdu, len, central->mtu));
	}
}

/* Answer the central's request with the peripheral's response. */
static void answer_central(struct gateway *gateway, struct central *central,
			   uint8_t *pdu, size_t len)
{
	uint32_t next;

	if (pdu[0] == ATT_ERROR_RSP) {
		answer_error(gateway, central, get_le16(pdu + 2), pdu[4]);
		return;
	}
	if (central->whole) {
		answer_part(central, pdu, len);
		return;
	}
	if (att_asks_for_list(gateway->link.asked.pdu[0])) {
		len = gateway_edit(&gateway->view, &central->server,
				   gateway->link.asked.pdu,
				   gateway->link.asked.len, pdu, len, &next);
		if (!len) {
			list_from(gateway, central, next);
			return;
		}
	}
	gateway_respond(central, pdu, gateway_cut(pdu, len, central->mtu));
}

static bool on_link_send(const uint8_t *pdu, size_t len, void *arg)
{
	const struct gateway *gateway = arg;

	return gateway->set.to_peripheral(pdu, len, gateway->set.arg);
}

static bool on_link_discovered(struct gatt_found *found, size_t count,
			       void *arg)
{
	struct gateway *gateway = arg;
	struct gateway_view *view = &gateway->view;
	const uint16_t mtu = gateway_link_mtu(&gateway->link);
	const bool changed = gateway_view_differs(view, found, count);

	if (changed)
		gateway_drop_all(&gateway->share,
				 "the peripheral's database has changed");
	if (!changed && view->known)
		free(found);
	else if (!gateway_view_set(view, found, count))
		return false;
	for (size_t i = 0; i < view->configured; i++)
		view->configurations[i].unsure = true;
	gateway->share.unsettled = true;
	/*
	 * A read that does not fill a PDU would be taken for the whole value.
	 */
	for (struct central *c = gateway->share.centrals.first; c; c = c->next)
		if (c->mtu > mtu)
			gateway_drop(&gateway->share, c, false,
				     "the peripheral has come back with a "
				     "smaller MTU");
	gateway->set.ready(mtu, gateway->set.arg);
	return true;
}

static void on_link_answered(uint8_t *pdu, size_t len, uint64_t now, void *arg)
{
	struct gateway *gateway = arg;
	struct central *central = gateway_share_answered(
		&gateway->share, pdu[0] != ATT_ERROR_RSP, now);

	if (central)
		answer_central(gateway, central, pdu, len);
}

static void on_link_notified(uint16_t handle, const uint8_t *value, size_t len,
			     void *arg)
{
	struct gateway *gateway = arg;

	gateway_notify(&gateway->share, handle, value, len);
}

static void on_link_indicated(const uint8_t *pdu, size_t len, uint64_t now,
			      void *arg)
{
	struct gateway *gateway = arg;

	if (gateway_is_service_changed(&gateway->view, get_le16(pdu + 1)))
		gateway_link_fault(&gateway->link, "its services have changed");
	else
		gateway_indicate(&gateway->share, pdu, len, now);
}

static void on_link_lost(void *arg)
{
	struct gateway *gateway = arg;

	gateway_share_lost(&gateway->share);
}

static void on_link_fault(const char *words, void *arg)
{
	const struct gateway *gateway = arg;

	gateway->set.fault(words, gateway->set.arg);
}

static const struct gateway_link_calls link_calls = {
	.send = on_link_send,
	.discovered = on_link_discovered,
	.answered = on_link_answered,
	.notified = on_link_notified,
	.indicated = on_link_indicated,
	.lost = on_link_lost,
	.fault = on_link_fault,
};

struct gateway *gateway_new(const struct gateway_settings *settings)
{
	struct gateway *gateway = calloc(1, sizeof(*gateway));

	if (!gateway)
		return NULL;
	gateway->set = *settings;
	gateway->share.link = &gateway->link;
	gateway->share.view = &gateway->view;
	gateway->share.centrals.set = &gateway->set;
	gateway->link.calls = &link_calls;
	gateway->link.arg = gateway;
	gateway->view.expose = settings->expose;
	gateway->view.expose_count = settings->expose_count;
	if (!gateway_view_init(&gateway->view)) {
		gateway_free(gateway);
		return NULL;
	}
	return gateway;
}

void gateway_free(struct gateway *gateway)
{
	struct gateway_centrals *centrals;

	if (!gateway)
		return;
	centrals = &gateway->share.centrals;
	while (centrals->first)
		gateway_central_remove(centrals, centrals->first);
	gateway_link_free(&gateway->link);
	gateway_view_free(&gateway->view);
	free(gateway);
}

/*
 * Serve one PDU.  Commands do not wait for the answer to the request before
 * them.
 */
static bool serve_one(struct gateway *gateway, struct central *central,
		      uint64_t now)
{
	const size_t index =
		gateway_in_flight(&gateway->share, central) ? 1 : 0;

	if (index >= central->count ||
	    !serve_held(gateway, central, index, now))
		return false;
	if (!index && gateway_in_flight(&gateway->share, central))
		gateway_central_last(&gateway->share.centrals, central);
	return true;
}

/* Serve what is held, as far as possible now. */
static void take_turns(struct gateway *gateway, uint64_t now)
{
	struct central *next;
	bool more;

	do {
		more = false;
		gateway_settle(&gateway->share, now);
		for (struct central *c = gateway->share.centrals.first; c;
		     c = next) {
			next = c->next;
			more |= serve_one(gateway, c, now);
		}
	} while (more);
}

/* Do all that can be done now. */
static void gateway_pump(struct gateway *gateway, uint64_t now)
{
	gateway_link_pump(&gateway->link, now);
	take_turns(gateway, now);
}

bool gateway_add(struct gateway *gateway, uint32_t number)
{
	struct central *central =
		gateway_central_add(&gateway->share.centrals, number);

	if (!central)
		return false;
	central->server.db = &gateway->view.own;
	central->server.mtu = ATT_MTU_DEFAULT;
	central->server.optional = true;
	return true;
}

void gateway_remove(struct gateway *gateway, uint32_t number, uint64_t now)
{
	struct central *central =
		gateway_central_find(&gateway->share.centrals, number);

	if (!central)
		return;
	if (!central->dropped)
		gateway_share_leave(&gateway->share, central);
	gateway_central_remove(&gateway->share.centrals, central);
	gateway_pump(gateway, now);
}

void gateway_central(struct gateway *gateway, uint32_t number,
		     const uint8_t *pdu, size_t len, uint64_t now)
{
	struct central *central =
		gateway_central_find(&gateway->share.centrals, number);
	const char *fault;

	if (!central)
		return;
	fault = central->dropped ? NULL
				 : gateway_central_fault(central, pdu, len);
	if (fault)
		gateway_drop(&gateway->share, central, true, fault);
	if (!central->dropped && pdu[0] != ATT_HANDLE_VALUE_CFM) {
		gateway_central_hold(central, pdu, len, now);
	} else {
		if (!central->dropped && len == 1)
			gateway_confirmed(&gateway->share, central, now);
		gateway->set.taken(number, gateway->set.arg);
	}
	gateway_pump(gateway, now);
}

void gateway_advertising(struct gateway *gateway, const uint8_t *data,
			 size_t len)
{
	gateway_view_advertise(&gateway->view, data, len);
}

void gateway_up(struct gateway *gateway, uint64_t now)
{
	gateway_link_up(&gateway->link);
	gateway_pump(gateway, now);
}

void gateway_down(struct gateway *gateway, uint64_t now)
{
	gateway_link_down(&gateway->link);
	gateway_pump(gateway, now);
}

void gateway_writable(struct gateway *gateway, uint64_t now)
{
	gateway_link_writable(&gateway->link);
	gateway_pump(gateway, now);
}

void gateway_peripheral(struct gateway *gateway, const uint8_t *pdu, size_t len,
			uint64_t now)
{
	if (!gateway->link.up)
		return;
	gateway_link_receive(&gateway->link, pdu, len, now);
	gateway_pump(gateway, now);
}

uint64_t gateway_tick(struct gateway *gateway, uint64_t now)
{
	uint64_t answer_due, due;

	if (now >= gateway_link_due(&gateway->link))
		gateway_link_fault(&gateway->link, "no answer to an ATT "
				   "request for 30 s");
	gateway_share_expire(&gateway->share, now);
	gateway_pump(gateway, now);
	answer_due = gateway_link_due(&gateway->link);
	due = gateway_share_expire(&gateway->share, now);
	return due < answer_due ? due : answer_due;
}
