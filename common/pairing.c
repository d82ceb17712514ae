/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "bond.h"
#include "bytes.h"
#include "oob-mgmt.h"
#include "pair-adapter.h"
#include "pairing-event.h"

#define LEVEL_ENCRYPTED 2	/* BT_SECURITY_MEDIUM: LE security mode 1, level 2 */
#define LEVEL_SC_MITM 4		/* BT_SECURITY_FIPS: level 4 */

struct pairing {
	struct pairing_settings set;
	struct pair_adapter on;

	struct link_address peer;	/* kind LINK_UNIX: not known yet */
	bool initiator, running, displayed, told_method;
	bool met;			/* the peer has answered */
	enum smp_method method;

	/* The key that the link is encrypted with. */
	bool keyed;
	struct ltk ltk;
	uint8_t ltk_event[64];
	size_t ltk_len;

	int link;			/* to ask for its level; -1: none */
	enum status status;
	struct loop_timer deadline, check, hold, over;
};

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

static void peer_address(const struct pairing *pairing,
			 uint8_t params[MGMT_ADDRESS_SIZE])
{
	mgmt_put_address(params, &pairing->peer.bdaddr,
			 pairing->peer.bdaddr_type);
}

static void cancel_pairing(struct pairing *pairing)
{
	uint8_t params[MGMT_ADDRESS_SIZE];

	peer_address(pairing, params);
	if (pairing->initiator)
		mgmt_command(pairing->on.adapter.mgmt, MGMT_CANCEL_PAIR_DEVICE,
			     pairing->on.adapter.index, params, sizeof(params),
			     NULL, NULL);
}

void pairing_end(struct pairing *pairing)
{
	loop_cancel(pairing->set.loop, &pairing->deadline);
	loop_cancel(pairing->set.loop, &pairing->check);
	loop_cancel(pairing->set.loop, &pairing->hold);
	loop_cancel(pairing->set.loop, &pairing->over);
	if (pairing->running)
		cancel_pairing(pairing);
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

static json_t *about(const struct pairing *pairing)
{
	if (pairing->peer.kind != LINK_DEVICE)
		return json_object();
	return json_pack("{s:s, s:s}", "address", pairing->peer.text, "type",
			 link_type_name(&pairing->peer));
}

static void event(struct pairing *pairing, const char *name, json_t *more)
{
	json_t *json = about(pairing);

	json_object_update(json, more);
	json_decref(more);
	pairing->set.on_event(name, json, pairing->set.arg);
}

static void tell_done(void *arg)
{
	struct pairing *pairing = arg;

	pairing->set.on_done(pairing->status, pairing->set.arg);
}

static void done(struct pairing *pairing, enum status status)
{
	pair_use_up(&pairing->on.adapter);
	loop_cancel(pairing->set.loop, &pairing->deadline);
	loop_cancel(pairing->set.loop, &pairing->check);
	loop_cancel(pairing->set.loop, &pairing->hold);
	pairing->running = false;
	pairing->status = status;
	/* Not from within the handler of a socket that pairing_end closes. */
	loop_after(pairing->set.loop, &pairing->over, 0, tell_done, pairing);
}

/* Whether there is out-of-band data of the peer here. */
static bool has_data(const struct pairing *pairing)
{
	return pairing->set.data_added ||
	       (pairing->peer.kind == LINK_DEVICE &&
		oob_has_remote(pairing->on.adapter.index, &pairing->peer.bdaddr));
}

bool pairing_keyed(const struct pairing *pairing)
{
	return pairing->keyed;
}

/*
 * Forget what came of it, or what is under way and might still come.  Of legacy
 * pairing without a bond there is no key to forget, but a link.
 */
static void forget(struct pairing *pairing)
{
	uint8_t params[MGMT_ADDRESS_SIZE];

	peer_address(pairing, params);
	if (!pairing->keyed && pairing->initiator)
		cancel_pairing(pairing);
	if (!pairing->keyed ||
	    pair_unpair(&pairing->on.adapter, &pairing->peer, true))
		mgmt_command(pairing->on.adapter.mgmt, MGMT_DISCONNECT,
			     pairing->on.adapter.index, params, sizeof(params),
			     NULL, NULL);
}

/* What is known of the reason; keys that came of it are forgotten. */
static void failed(struct pairing *pairing, enum status status,
		   const char *reason, const char *help)
{
	json_t *more = json_pack("{s:s}", "reason", reason);

	if (*help)
		json_object_set_new(more, "help", json_string(help));
	if (pairing->keyed || pairing->met)
		forget(pairing);
	event(pairing, "failed", more);
	diag_error("pairing with %s failed: %s%s%s", pairing->peer.text, reason,
		   *help ? "; " : "", help);
	done(pairing, status);
}

static void failed_with(struct pairing *pairing, int status)
{
	const char *help = "";
	char reason[80], unpair[220];

	snprintf(reason, sizeof(reason), "%s", mgmt_status_name(status));
	switch (status) {
	case MGMT_STATUS_AUTH_FAILED:
		help = has_data(pairing) ?
			"the out-of-band data is not the peer's, or no longer: "
			"it is good for one pairing: read it again there, add "
			"it here; or the two differ in --bond" :
		       pairing->set.io == SMP_IO_DISPLAY_ONLY ||
		       pairing->set.io == SMP_IO_DISPLAY_YES_NO ?
			"the peer refused, the numbers differ, or two devices "
			"that only display cannot authenticate each other" :
			"the peer refused, or the numbers differ";
		break;
	case MGMT_STATUS_NOT_CONNECTED:
	case MGMT_STATUS_CONNECT_FAILED:
		help = "the peer does not advertise, or is out of reach";
		break;
	case MGMT_STATUS_DISCONNECTED:
		help = "the link was lost; if both ends are not bondable "
		       "alike (--bond, --no-bond), that is why";
		break;
	case MGMT_STATUS_ALREADY_PAIRED:
		snprintf(unpair, sizeof(unpair), "forget the keys first, on "
			 "both devices: blesec-oob unpair hci%u %s",
			 pairing->on.adapter.index, pairing->peer.text);
		help = unpair;
		break;
	case MGMT_STATUS_REJECTED:
		help = "the peer does not pair now";
		break;
	default:
		break;
	}
	failed(pairing, status == MGMT_STATUS_TIMEOUT ? STATUS_TIMEOUT :
	       STATUS_REFUSED, reason, help);
}

static void too_late(void *arg)
{
	struct pairing *pairing = arg;

	char reason[64];

	snprintf(reason, sizeof(reason), "%s within %u s", pairing->met ?
		 "it did not end" : "nobody answered",
		 pairing->set.timeout_ms / 1000);
	cancel_pairing(pairing);
	failed(pairing, STATUS_TIMEOUT, reason, pairing->met ?
	       "a person may have to answer there; --timeout waits longer" :
	       pairing->initiator ?
	       "the peer must advertise, as blesec-oob pair without an "
	       "address does, and be in reach; --timeout waits longer" :
	       "the peer must begin; --timeout waits longer");
}

/* The method. */

static void tell_method(struct pairing *pairing, enum smp_method method)
{
	if (pairing->told_method)
		return;
	pairing->told_method = true;
	pairing->method = method;
	event(pairing, "pairing", json_pack("{s:s, s:s}", "role",
		pairing->initiator ? "central" : "peripheral", "method",
		smp_method_name(method)));
}

static void reply(struct pairing *pairing, uint16_t opcode, const void *value,
		  size_t len)
{
	uint8_t params[MGMT_ADDRESS_SIZE + 4];

	peer_address(pairing, params);
	if (len)
		memcpy(params + MGMT_ADDRESS_SIZE, value, len);
	mgmt_command(pairing->on.adapter.mgmt, opcode, pairing->on.adapter.index,
		     params, MGMT_ADDRESS_SIZE + len, NULL, NULL);
}

/* False if the method is one that may not be; the peer is told so. */
static bool method_allowed(struct pairing *pairing, enum smp_method method,
			   uint16_t negative)
{
	tell_method(pairing, method);
	if (pairing->set.require_oob && method != SMP_OOB) {
		if (negative)
			reply(pairing, negative, NULL, 0);
		failed(pairing, STATUS_REFUSED,
		       "the method is not OOB", "one of the two has no data "
		       "of the other; blesec-oob add gives it");
		return false;
	}
	if (method == SMP_JUST_WORKS && !pairing->set.allow_just_works) {
		if (negative)
			reply(pairing, negative, NULL, 0);
		failed(pairing, STATUS_REFUSED, "the method is Just Works, "
		       "which authenticates nobody", "give other IO "
		       "capabilities, out-of-band data, or "
		       "--allow-just-works");
		return false;
	}
	return true;
}

void pairing_confirm(struct pairing *pairing, bool yes)
{
	if (!pairing->running)
		return;
	reply(pairing, yes ? MGMT_USER_CONFIRMATION_REPLY
			   : MGMT_USER_CONFIRMATION_NEGATIVE_REPLY, NULL, 0);
	if (!yes)
		failed(pairing, STATUS_REFUSED, "refused here", "");
}

void pairing_passkey(struct pairing *pairing, long passkey)
{
	uint8_t value[4];

	if (!pairing->running)
		return;
	if (passkey < 0) {
		reply(pairing, MGMT_USER_PASSKEY_NEGATIVE_REPLY, NULL, 0);
		failed(pairing, STATUS_REFUSED, "no passkey was given",
		       "--passkey gives it");
		return;
	}
	put_le32(value, (uint32_t)passkey);
	reply(pairing, MGMT_USER_PASSKEY_REPLY, value, sizeof(value));
}

static void pass_on(struct pairing *pairing, uint16_t code,
		    const uint8_t *data, size_t len)
{
	const char *name;
	json_t *json = pairing_event_json(code, data, len,
					  pairing->set.show_keys, &name);

	if (json)
		pairing->set.on_event(name, json, pairing->set.arg);
}

/* The kernel's three questions to an agent. */

static void on_confirmation(struct pairing *pairing, const uint8_t *data,
			    size_t len)
{
	bool hint = len >= MGMT_ADDRESS_SIZE + 1 && data[MGMT_ADDRESS_SIZE];

	if (len < MGMT_ADDRESS_SIZE + 5 ||
	    !method_allowed(pairing, hint ? SMP_JUST_WORKS
					  : SMP_NUMERIC_COMPARISON,
			    MGMT_USER_CONFIRMATION_NEGATIVE_REPLY))
		return;
	pass_on(pairing, MGMT_EV_USER_CONFIRMATION_REQUEST, data, len);
	if (hint)
		pairing_confirm(pairing, true);
	else
		pairing->set.on_confirm(get_le32(data + MGMT_ADDRESS_SIZE + 1),
					pairing->set.arg);
}

static void on_passkey_request(struct pairing *pairing, const uint8_t *data,
			       size_t len)
{
	if (!method_allowed(pairing, SMP_PASSKEY_ENTRY,
			    MGMT_USER_PASSKEY_NEGATIVE_REPLY))
		return;
	pass_on(pairing, MGMT_EV_USER_PASSKEY_REQUEST, data, len);
	pairing->set.on_passkey(pairing->set.arg);
}

static void on_passkey_notify(struct pairing *pairing, const uint8_t *data,
			      size_t len)
{
	/* It comes again for each digit that is typed in over there. */
	if (!pairing->displayed &&
	    method_allowed(pairing, SMP_PASSKEY_ENTRY, 0))
		pass_on(pairing, MGMT_EV_PASSKEY_NOTIFY, data, len);
	pairing->displayed = true;
}

/* Keys. */

static void check(void *arg);

static void on_ltk(struct pairing *pairing, const uint8_t *data, size_t len)
{
	if (!pairing_event_ltk(data, len, &pairing->ltk))
		return;
	pairing->keyed = true;
	pairing->ltk_len = len < sizeof(pairing->ltk_event) ?
		len : sizeof(pairing->ltk_event);
	memcpy(pairing->ltk_event, data, pairing->ltk_len);
	if (!pairing->initiator)
		loop_after(pairing->set.loop, &pairing->check, 100, check,
			   pairing);
}

/* Success. */

static const char *weakness(const struct pairing *pairing)
{
	const uint8_t type = pairing->ltk.type;

	if (pairing->method == SMP_OOB && !has_data(pairing))
		return "the peer has data of this device, but there is none "
		       "of it here: only one side would be authenticated";
	if (type == LTK_P256_DEBUG)
		return "the key is a debug key";
	if (type < LTK_P256 && !pairing->set.allow_legacy)
		return "it was legacy pairing, not Secure Connections; the "
		       "peer knows no other, or --allow-legacy takes it";
	if ((type == LTK_LEGACY || type == LTK_P256) &&
	    !pairing->set.allow_just_works)
		return "the key is not authenticated";
	if (pairing->ltk.size < pairing->set.min_key_size)
		return "the key is shorter than --min-key-size";
	return NULL;
}

/* As link_level; only now, since the address may not be read before. */
static int own_level(struct pairing *pairing, uint8_t *key_size)
{
	struct adapter *adapter = &pairing->on.adapter;

	if (adapter_read_address(adapter))
		return -1;
	return link_level(&pairing->peer, &adapter->address, &pairing->link,
			  key_size);
}

static void succeeded(void *arg)
{
	struct pairing *pairing = arg;
	uint8_t key_size = 0;
	int level = own_level(pairing, &key_size);
	json_t *more;

	if (pairing->set.require_level && level != LEVEL_SC_MITM) {
		failed(pairing, STATUS_REFUSED,
		       "the link is not seen at level 4 of security mode 1",
		       "");
		return;
	}
	if (level >= 0 && key_size != pairing->ltk.size) {
		failed(pairing, STATUS_LINK, "the link was lost after pairing",
		       "the peer found it not good enough, and says why; or "
		       "the radio link does not hold");
		return;
	}
	if (level >= 0 && pairing->ltk.type == LTK_P256_AUTHENTICATED &&
	    level != LEVEL_SC_MITM) {
		failed(pairing, STATUS_REFUSED,
		       "the link is not at level 4 of security mode 1", "");
		return;
	}
	if (pairing->ltk.bonded && !adapter_bluetoothd() &&
	    bond_keep(&pairing->on.adapter.controller, pairing->ltk_event,
		      pairing->ltk_len))
		pairing->ltk.bonded = false;
	more = json_pack("{s:s, s:i, s:b, s:b}", "method",
			 smp_method_name(pairing->method), "key_size",
			 pairing->ltk.size, "authenticated",
			 pairing->ltk.type == LTK_P256_AUTHENTICATED ||
			 pairing->ltk.type == LTK_LEGACY_AUTHENTICATED,
			 "bonded", pairing->ltk.bonded);
	if (level >= 0)
		json_object_set_new(more, "level", json_integer(level));
	event(pairing, "paired", more);
	done(pairing, STATUS_OK);
}

/*
 * With Secure Connections there is always a key.  A link without one has the
 * short term key of legacy pairing, of which only the link knows.
 */
static bool take_short_term_key(struct pairing *pairing)
{
	uint8_t size = 0;
	int level = own_level(pairing, &size);

	pairing->keyed = true;
	pairing->ltk.type = level > LEVEL_ENCRYPTED ? LTK_LEGACY_AUTHENTICATED
						    : LTK_LEGACY;
	pairing->ltk.size = size;
	return level >= LEVEL_ENCRYPTED;
}

static void check(void *arg)
{
	struct pairing *pairing = arg;
	const char *fault;

	if (!pairing->keyed && !take_short_term_key(pairing)) {
		failed(pairing, STATUS_REFUSED, "no key came of it", "");
		return;
	}
	/* Nobody was asked: OOB, or Just Works where nobody need be asked. */
	if (!pairing->told_method &&
	    !method_allowed(pairing, pairing->ltk.type ==
			    LTK_P256_AUTHENTICATED ? SMP_OOB : SMP_JUST_WORKS,
			    0))
		return;
	fault = weakness(pairing);
	if (fault)
		failed(pairing, STATUS_REFUSED, fault, "");
	else if (pairing->set.hold_ms)
		loop_after(pairing->set.loop, &pairing->hold,
			   pairing->set.hold_ms, succeeded, pairing);
	else
		succeeded(pairing);
}

/* Events. */

static void on_pair_reply(struct pairing *pairing, int status)
{
	if (status)
		failed_with(pairing, status);
	else
		/* The key may come a moment later. */
		loop_after(pairing->set.loop, &pairing->check,
			   pairing->keyed ? 0 : 500, check, pairing);
}

/* Where data is there, others than those it is of are nobody. */
static void turn_away(struct pairing *pairing, uint16_t code,
		      const bdaddr_t *bdaddr, uint8_t type)
{
	uint8_t params[MGMT_ADDRESS_SIZE];
	char text[18];

	if (code != MGMT_EV_USER_CONFIRMATION_REQUEST &&
	    code != MGMT_EV_USER_PASSKEY_REQUEST)
		return;
	ba2str(bdaddr, text);
	diag_warn("%s, of which there is no data here, wants to pair: refused",
		  text);
	mgmt_put_address(params, bdaddr, type);
	mgmt_command(pairing->on.adapter.mgmt,
		     code == MGMT_EV_USER_CONFIRMATION_REQUEST ?
		     MGMT_USER_CONFIRMATION_NEGATIVE_REPLY :
		     MGMT_USER_PASSKEY_NEGATIVE_REPLY,
		     pairing->on.adapter.index, params, sizeof(params), NULL,
		     NULL);
}

/* A responder that waits for anybody gets to know who it is. */
static bool of_peer(struct pairing *pairing, uint16_t code,
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
			turn_away(pairing, code, &bdaddr, type);
			return false;
		}
		peer->kind = LINK_DEVICE;
		bacpy(&peer->bdaddr, &bdaddr);
		peer->bdaddr_type = type;
		ba2str(&bdaddr, peer->text);
	}
	return !bacmp(&bdaddr, &peer->bdaddr) && type == peer->bdaddr_type;
}

static void on_device_event(struct pairing *pairing, uint16_t code,
			    const uint8_t *data, size_t len)
{
	pairing->met = true;
	switch (code) {
	case MGMT_EV_USER_CONFIRMATION_REQUEST:
		on_confirmation(pairing, data, len);
		break;
	case MGMT_EV_USER_PASSKEY_REQUEST:
		on_passkey_request(pairing, data, len);
		break;
	case MGMT_EV_PASSKEY_NOTIFY:
		on_passkey_notify(pairing, data, len);
		break;
	case MGMT_EV_NEW_LONG_TERM_KEY:
		pass_on(pairing, code, data, len);
		on_ltk(pairing, data, len);
		break;
	case MGMT_EV_NEW_IDENTITY_RESOLVING_KEY:
	case MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY:
		pass_on(pairing, code, data, len);
		break;
	case MGMT_EV_AUTHENTICATION_FAILED:
		if (!pairing->initiator && len > MGMT_ADDRESS_SIZE)
			failed_with(pairing, data[MGMT_ADDRESS_SIZE]);
		break;
	case MGMT_EV_DEVICE_DISCONNECTED:
		if (!pairing->initiator || pairing->keyed)
			failed(pairing, STATUS_LINK, pairing->keyed ?
			       "the link was lost after pairing" :
			       "the link was lost", pairing->keyed ?
			       "the peer found it not good enough, and says "
			       "why; or the radio link does not hold" : "");
		break;
	default:
		break;
	}
}

/* A private address is told of once more: whose it is. */
static void take_identity(struct pairing *pairing, uint16_t code,
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

static void on_event(uint16_t code, const uint8_t *data, size_t len, void *arg)
{
	struct pairing *pairing = arg;

	if (!pairing->running)
		return;
	if (code == MGMT_EV_INDEX_REMOVED) {
		failed(pairing, STATUS_LINK, "the adapter has gone", "");
	} else if ((code == MGMT_EV_COMMAND_COMPLETE ||
		    code == MGMT_EV_COMMAND_STATUS) && len >= 3 &&
		   get_le16(data) == MGMT_PAIR_DEVICE) {
		on_pair_reply(pairing, data[2]);
	} else {
		take_identity(pairing, code, data, len);
		if (of_peer(pairing, code, data, len))
			on_device_event(pairing, code, data, len);
	}
}

static void begin(struct pairing *pairing, const struct link_address *peer)
{
	if (peer)
		pairing->peer = *peer;
	else
		strcpy(pairing->peer.text, "anybody");
	pairing->running = true;
	loop_after(pairing->set.loop, &pairing->deadline,
		   pairing->set.timeout_ms, too_late, pairing);
	mgmt_watch(pairing->on.adapter.mgmt, pairing->set.loop,
		   pairing->on.adapter.index, on_event, pairing);
}

void pairing_start(struct pairing *pairing, const struct link_address *peer)
{
	uint8_t params[MGMT_ADDRESS_SIZE + 1];

	pairing->initiator = true;
	begin(pairing, peer);
	peer_address(pairing, params);
	params[MGMT_ADDRESS_SIZE] = (uint8_t)pairing->set.io;
	if (!mgmt_send(pairing->on.adapter.mgmt, MGMT_PAIR_DEVICE,
		       pairing->on.adapter.index, params, sizeof(params)))
		failed(pairing, STATUS_LINK, strerror(errno), "");
}

void pairing_await(struct pairing *pairing, const struct link_address *peer)
{
	begin(pairing, peer);
}

void pairing_cancel(struct pairing *pairing)
{
	if (pairing->running)
		failed(pairing, STATUS_OTHER, "cancelled here", "");
}
