/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/pairing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "base/bytes.h"
#include "pairing/oob-mgmt.h"
#include "pairing/pairing-outcome.h"

struct adapter *pairing_adapter(struct pairing *pairing)
{
	return &pairing->on.adapter;
}

enum status pairing_begin(const struct pairing_settings *settings,
			  struct pairing **out)
{
	struct pairing *pairing = calloc(1, sizeof(*pairing));
	enum status status;

	if (!pairing)
		die(STATUS_OTHER, "out of memory");
	pairing->set = *settings;
	pairing->link = -1;
	status = pair_adapter_open(&pairing->on, settings->adapter,
				   settings->io, settings->bond);
	if (status) {
		free(pairing);
		pairing = NULL;
	}
	*out = pairing;
	return status;
}

void pairing_end(struct pairing *pairing)
{
	loop_cancel(pairing->set.loop, &pairing->deadline);
	loop_cancel(pairing->set.loop, &pairing->check);
	loop_cancel(pairing->set.loop, &pairing->hold);
	loop_cancel(pairing->set.loop, &pairing->over);
	if (pairing->running)
		pairing_cancel_device(pairing);
	pair_adapter_close(&pairing->on);
	if (pairing->link >= 0)
		close(pairing->link);
	OPENSSL_clear_free(pairing, sizeof(*pairing));
}

void pairing_use_link(struct pairing *pairing, int fd)
{
	if (pairing->link >= 0)
		close(pairing->link);
	pairing->link = fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

bool pairing_keyed(const struct pairing *pairing)
{
	return pairing->keyed;
}

void pairing_confirm(struct pairing *pairing, bool yes)
{
	if (!pairing->running)
		return;
	pairing_reply(pairing, yes ? MGMT_USER_CONFIRMATION_REPLY :
		      MGMT_USER_CONFIRMATION_NEGATIVE_REPLY, NULL, 0);
	if (!yes)
		pairing_failed(pairing, STATUS_REFUSED, "refused here", "");
}

void pairing_passkey(struct pairing *pairing, long passkey)
{
	uint8_t value[4];

	if (!pairing->running)
		return;
	if (passkey < 0) {
		pairing_reply(pairing, MGMT_USER_PASSKEY_NEGATIVE_REPLY, NULL,
			      0);
		pairing_failed(pairing, STATUS_REFUSED, "no passkey was given",
			       "--passkey gives it");
		return;
	}
	put_le32(value, (uint32_t)passkey);
	pairing_reply(pairing, MGMT_USER_PASSKEY_REPLY, value, sizeof(value));
}

static void pairing_pass_on(struct pairing *pairing, uint16_t code,
			    const uint8_t *data, size_t len)
{
	const char *name;
	json_t *json = pairing_event_json(code, data, len,
					  pairing->set.show_keys, &name);

	if (json)
		pairing->set.on_event(name, json, pairing->set.arg);
}

/* The kernel's three questions to an agent. */

static void pairing_on_confirmation(struct pairing *pairing,
				    const uint8_t *data, size_t len)
{
	bool hint = len >= MGMT_ADDRESS_SIZE + 1 && data[MGMT_ADDRESS_SIZE];

	if (len < MGMT_ADDRESS_SIZE + 5 ||
	    !pairing_method_allowed(pairing, hint ? SMP_JUST_WORKS
						  : SMP_NUMERIC_COMPARISON,
				    MGMT_USER_CONFIRMATION_NEGATIVE_REPLY))
		return;
	pairing_pass_on(pairing, MGMT_EV_USER_CONFIRMATION_REQUEST, data, len);
	if (hint)
		pairing_confirm(pairing, true);
	else
		pairing->set.on_confirm(get_le32(data + MGMT_ADDRESS_SIZE + 1),
					pairing->set.arg);
}

static void pairing_on_passkey_request(struct pairing *pairing,
				       const uint8_t *data, size_t len)
{
	if (!pairing_method_allowed(pairing, SMP_PASSKEY_ENTRY,
				    MGMT_USER_PASSKEY_NEGATIVE_REPLY))
		return;
	pairing_pass_on(pairing, MGMT_EV_USER_PASSKEY_REQUEST, data, len);
	pairing->set.on_passkey(pairing->set.arg);
}

static void pairing_on_passkey_notify(struct pairing *pairing,
				      const uint8_t *data, size_t len)
{
	/* The event is repeated for each digit that is typed on the peer. */
	if (!pairing->displayed &&
	    pairing_method_allowed(pairing, SMP_PASSKEY_ENTRY, 0))
		pairing_pass_on(pairing, MGMT_EV_PASSKEY_NOTIFY, data, len);
	pairing->displayed = true;
}

/* Keys. */

static void pairing_on_ltk(struct pairing *pairing, const uint8_t *data,
			   size_t len)
{
	if (!pairing_event_ltk(data, len, &pairing->ltk))
		return;
	pairing->keyed = true;
	if (!pairing->initiator)
		loop_after(pairing->set.loop, &pairing->check, 100,
			   pairing_check, pairing);
}

/* Events. */

static void pairing_on_pair_reply(struct pairing *pairing, int status)
{
	if (status)
		pairing_failed_with(pairing, status);
	else
		/* The event with the key may come after the reply. */
		loop_after(pairing->set.loop, &pairing->check,
			   pairing->keyed ? 0 : 500, pairing_check, pairing);
}

/* Refuse a device whose data we do not have, when OOB is required. */
static void pairing_turn_away(struct pairing *pairing, uint16_t code,
			      const bdaddr_t *bdaddr, uint8_t type)
{
	uint8_t params[MGMT_ADDRESS_SIZE];
	char text[18];

	if (code != MGMT_EV_USER_CONFIRMATION_REQUEST &&
	    code != MGMT_EV_USER_PASSKEY_REQUEST)
		return;
	ba2str(bdaddr, text);
	diag_warn("refused to pair with %s: no data of it was added",
		  text);
	mgmt_put_address(params, bdaddr, type);
	mgmt_command(pairing->on.adapter.mgmt,
		     code == MGMT_EV_USER_CONFIRMATION_REQUEST ?
		     MGMT_USER_CONFIRMATION_NEGATIVE_REPLY :
		     MGMT_USER_PASSKEY_NEGATIVE_REPLY,
		     pairing->on.adapter.index, params, sizeof(params), NULL,
		     NULL);
}

/*
 * True if the event is about the peer.  A responder that waits for any device
 * takes the first one that pairs as its peer.
 */
static bool pairing_of_peer(struct pairing *pairing, uint16_t code,
			    const uint8_t *data, size_t len)
{
	struct link_address *peer = &pairing->peer;
	bdaddr_t bdaddr;
	uint8_t type;

	if (!pairing_event_address(code, data, len, &bdaddr, &type))
		return false;
	if (peer->kind != LINK_DEVICE) {
		if (code == MGMT_EV_DEVICE_CONNECTED ||
		    code == MGMT_EV_DEVICE_DISCONNECTED)
			return false;
		if (pairing->set.require_oob &&
		    !oob_has_remote(pairing->on.adapter.index, &bdaddr)) {
			pairing_turn_away(pairing, code, &bdaddr, type);
			return false;
		}
		peer->kind = LINK_DEVICE;
		bacpy(&peer->bdaddr, &bdaddr);
		peer->bdaddr_type = type;
		ba2str(&bdaddr, peer->text);
	}
	return !bacmp(&bdaddr, &peer->bdaddr) && type == peer->bdaddr_type;
}

static void pairing_on_device_event(struct pairing *pairing, uint16_t code,
				    const uint8_t *data, size_t len)
{
	pairing->met = true;
	bond_take(&pairing->keys, code, data, len);
	switch (code) {
	case MGMT_EV_USER_CONFIRMATION_REQUEST:
		pairing_on_confirmation(pairing, data, len);
		break;
	case MGMT_EV_USER_PASSKEY_REQUEST:
		pairing_on_passkey_request(pairing, data, len);
		break;
	case MGMT_EV_PASSKEY_NOTIFY:
		pairing_on_passkey_notify(pairing, data, len);
		break;
	case MGMT_EV_NEW_LONG_TERM_KEY:
		pairing_pass_on(pairing, code, data, len);
		pairing_on_ltk(pairing, data, len);
		break;
	case MGMT_EV_NEW_IDENTITY_RESOLVING_KEY:
	case MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY:
		pairing_pass_on(pairing, code, data, len);
		break;
	case MGMT_EV_AUTHENTICATION_FAILED:
		if (!pairing->initiator && len > MGMT_ADDRESS_SIZE)
			pairing_failed_with(pairing, data[MGMT_ADDRESS_SIZE]);
		break;
	case MGMT_EV_DEVICE_DISCONNECTED:
		if (!pairing->initiator || pairing->keyed)
			pairing_failed(pairing, STATUS_LINK, pairing->keyed ?
				       "the link was lost after pairing" :
				       "the link was lost", pairing->keyed ?
				       "the peer rejected the pairing, and "
				       "reports why; or the radio link is "
				       "unstable" : "");
		break;
	default:
		break;
	}
}

/* Replace the peer's private address by its identity address, which comes with
 * the IRK. */
static void pairing_take_identity(struct pairing *pairing, uint16_t code,
				  const uint8_t *data, size_t len)
{
	struct link_address *peer = &pairing->peer;

	if (code != MGMT_EV_NEW_IDENTITY_RESOLVING_KEY || len < 1 + 6 + 7 ||
	    memcmp(data + 1, &peer->bdaddr, 6) != 0)
		return;
	memcpy(&peer->bdaddr, data + 7, 6);
	peer->bdaddr_type = data[13];
	ba2str(&peer->bdaddr, peer->text);
}

static void pairing_on_event(uint16_t code, const uint8_t *data, size_t len,
			     void *arg)
{
	struct pairing *pairing = arg;

	if (!pairing->running)
		return;
	if (code == MGMT_EV_INDEX_REMOVED) {
		pairing_failed(pairing, STATUS_LINK, "the adapter has gone",
			       "");
	} else if ((code == MGMT_EV_COMMAND_COMPLETE ||
		    code == MGMT_EV_COMMAND_STATUS) && len >= 3 &&
		   get_le16(data) == MGMT_PAIR_DEVICE) {
		pairing_on_pair_reply(pairing, data[2]);
	} else {
		pairing_take_identity(pairing, code, data, len);
		if (pairing_of_peer(pairing, code, data, len))
			pairing_on_device_event(pairing, code, data, len);
	}
}

static void pairing_run(struct pairing *pairing,
			const struct link_address *peer)
{
	if (peer)
		pairing->peer = *peer;
	else
		strcpy(pairing->peer.text, "anybody");
	pairing->running = true;
	loop_after(pairing->set.loop, &pairing->deadline,
		   pairing->set.timeout_ms, pairing_too_late, pairing);
	mgmt_watch(pairing->on.adapter.mgmt, pairing->set.loop,
		   pairing->on.adapter.index, pairing_on_event, pairing);
}

void pairing_start(struct pairing *pairing, const struct link_address *peer)
{
	uint8_t params[MGMT_ADDRESS_SIZE + 1];

	pairing->initiator = true;
	pairing_run(pairing, peer);
	pairing_peer_address(pairing, params);
	params[MGMT_ADDRESS_SIZE] = (uint8_t)pairing->set.io;
	if (!mgmt_send(pairing->on.adapter.mgmt, MGMT_PAIR_DEVICE,
		       pairing->on.adapter.index, params, sizeof(params)))
		pairing_failed(pairing, STATUS_LINK, strerror(errno), "");
}

void pairing_await(struct pairing *pairing, const struct link_address *peer)
{
	pairing_run(pairing, peer);
}

void pairing_cancel(struct pairing *pairing)
{
	if (pairing->running)
		pairing_failed(pairing, STATUS_OTHER, "cancelled here", "");
}
