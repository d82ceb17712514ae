/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/pairing-outcome.h"

#include <stdio.h>
#include <string.h>

#include "pairing/oob-mgmt.h"

/* Levels of LE security mode 1: BT_SECURITY_MEDIUM and BT_SECURITY_FIPS. */
#define LEVEL_ENCRYPTED 2
#define LEVEL_SC_MITM 4

void pairing_peer_address(const struct pairing *pairing,
			  uint8_t params[MGMT_ADDRESS_SIZE])
{
	mgmt_put_address(params, &pairing->peer.bdaddr,
			 pairing->peer.bdaddr_type);
}

void pairing_cancel_device(struct pairing *pairing)
{
	uint8_t params[MGMT_ADDRESS_SIZE];

	pairing_peer_address(pairing, params);
	if (pairing->initiator)
		mgmt_command(pairing->on.adapter.mgmt, MGMT_CANCEL_PAIR_DEVICE,
			     pairing->on.adapter.index, params, sizeof(params),
			     NULL, NULL);
}

static json_t *pairing_about(const struct pairing *pairing)
{
	if (pairing->peer.kind != LINK_DEVICE)
		return json_object();
	return json_pack("{s:s, s:s}", "address", pairing->peer.text, "type",
			 link_type_name(&pairing->peer));
}

static void pairing_tell(struct pairing *pairing, const char *name,
			 json_t *more)
{
	json_t *json = pairing_about(pairing);

	json_object_update(json, more);
	json_decref(more);
	pairing->set.on_event(name, json, pairing->set.arg);
}

static void pairing_tell_done(void *arg)
{
	struct pairing *pairing = arg;

	pairing->set.on_done(pairing->status, pairing->set.arg);
}

static void pairing_done(struct pairing *pairing, enum status status)
{
	pair_use_up(&pairing->on.adapter);
	loop_cancel(pairing->set.loop, &pairing->deadline);
	loop_cancel(pairing->set.loop, &pairing->check);
	loop_cancel(pairing->set.loop, &pairing->hold);
	pairing->running = false;
	pairing->status = status;
	/* on_done may call pairing_end, which closes the socket whose handler
	 * may be running now: call it from the loop. */
	loop_after(pairing->set.loop, &pairing->over, 0, pairing_tell_done,
		   pairing);
}

/* True if the kernel has out-of-band data of the peer. */
static bool pairing_has_data(const struct pairing *pairing)
{
	return pairing->set.data_added ||
	       (pairing->peer.kind == LINK_DEVICE &&
		oob_has_remote(pairing->on.adapter.index, &pairing->peer.bdaddr));
}

/*
 * Remove the keys that the pairing produced, or cancel it while it is running.
 * Legacy pairing without a bond leaves no key to remove, but a link, which is
 * disconnected.
 */
static void pairing_forget(struct pairing *pairing)
{
	uint8_t params[MGMT_ADDRESS_SIZE];

	pairing_peer_address(pairing, params);
	if (!pairing->keyed && pairing->initiator)
		pairing_cancel_device(pairing);
	if (!pairing->keyed ||
	    pair_unpair(&pairing->on.adapter, &pairing->peer, true))
		mgmt_command(pairing->on.adapter.mgmt, MGMT_DISCONNECT,
			     pairing->on.adapter.index, params, sizeof(params),
			     NULL, NULL);
}

void pairing_failed(struct pairing *pairing, enum status status,
		    const char *reason, const char *help)
{
	json_t *more = json_pack("{s:s}", "reason", reason);

	if (*help)
		json_object_set_new(more, "help", json_string(help));
	if (pairing->keyed || pairing->met)
		pairing_forget(pairing);
	pairing_tell(pairing, "failed", more);
	diag_error("pairing with %s failed: %s%s%s", pairing->peer.text, reason,
		   *help ? "; " : "", help);
	pairing_done(pairing, status);
}

void pairing_failed_with(struct pairing *pairing, int status)
{
	const char *help = "";
	char reason[80], unpair[220];

	snprintf(reason, sizeof(reason), "%s", mgmt_status_name(status));
	switch (status) {
	case MGMT_STATUS_AUTH_FAILED:
		help = pairing_has_data(pairing) ?
			"the out-of-band data is not the peer's, or was used "
			"before (it is good for one pairing): read it again on "
			"the peer and add it here; or the two sides differ in "
			"--bond" :
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
		help = "the link was lost; the cause may be that only one side "
		       "bonds (--bond, --no-bond)";
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
	pairing_failed(pairing, status == MGMT_STATUS_TIMEOUT ? STATUS_TIMEOUT :
		       STATUS_REFUSED, reason, help);
}

void pairing_too_late(void *arg)
{
	struct pairing *pairing = arg;

	char reason[64];

	snprintf(reason, sizeof(reason), "%s within %u s", pairing->met ?
		 "it did not end" : "nobody answered",
		 pairing->set.timeout_ms / 1000);
	pairing_cancel_device(pairing);
	pairing_failed(pairing, STATUS_TIMEOUT, reason, pairing->met ?
		       "somebody may have to answer there; --timeout waits "
		       "longer" :
		       pairing->initiator ?
		       "the peer must advertise, as blesec-oob pair without an "
		       "address does, and be in reach; --timeout waits longer" :
		       "the peer must begin; --timeout waits longer");
}

/* The method. */

static void pairing_tell_method(struct pairing *pairing, enum smp_method method)
{
	if (pairing->told_method)
		return;
	pairing->told_method = true;
	pairing->method = method;
	pairing_tell(pairing, "pairing", json_pack("{s:s, s:s}", "role",
		pairing->initiator ? "central" : "peripheral", "method",
		smp_method_name(method)));
}

void pairing_reply(struct pairing *pairing, uint16_t opcode, const void *value,
		   size_t len)
{
	uint8_t params[MGMT_ADDRESS_SIZE + 4];

	pairing_peer_address(pairing, params);
	if (len)
		memcpy(params + MGMT_ADDRESS_SIZE, value, len);
	mgmt_command(pairing->on.adapter.mgmt, opcode,
		     pairing->on.adapter.index, params,
		     MGMT_ADDRESS_SIZE + len, NULL, NULL);
}

bool pairing_method_allowed(struct pairing *pairing, enum smp_method method,
			    uint16_t negative)
{
	pairing_tell_method(pairing, method);
	if (pairing->set.require_oob && method != SMP_OOB) {
		if (negative)
			pairing_reply(pairing, negative, NULL, 0);
		pairing_failed(pairing, STATUS_REFUSED, "the method is not OOB",
			       "one side has no data of the other; add it with "
			       "blesec-oob add");
		return false;
	}
	if (method == SMP_JUST_WORKS && !pairing->set.allow_just_works) {
		if (negative)
			pairing_reply(pairing, negative, NULL, 0);
		pairing_failed(pairing, STATUS_REFUSED,
			       "the method is Just Works, "
			       "which authenticates nobody", "give other IO "
			       "capabilities, out-of-band data, or "
			       "--allow-just-works");
		return false;
	}
	return true;
}

/* Success. */

static const char *pairing_weakness(const struct pairing *pairing)
{
	const uint8_t type = pairing->ltk.type;

	if (pairing->method == SMP_OOB && !pairing_has_data(pairing))
		return "the peer has data of this device, but this device has "
		       "none of the peer: only one side would be authenticated";
	if (type == LTK_P256_DEBUG)
		return "the key is a debug key";
	if (type > LTK_P256_DEBUG)
		return "the key is of an unknown kind";
	if (type < LTK_P256 && !pairing->set.allow_legacy)
		return "it was legacy pairing, not Secure Connections; if the "
		       "peer supports nothing else, --allow-legacy accepts it";
	if ((type == LTK_LEGACY || type == LTK_P256) &&
	    !pairing->set.allow_just_works)
		return "the key is not authenticated";
	if (pairing->ltk.size < pairing->set.min_key_size)
		return "the key is shorter than --min-key-size";
	return NULL;
}

/*
 * Returns as link_level.  Reading the address makes our out-of-band data
 * invalid, so this must not be called before the pairing has used it.
 */
static int pairing_own_level(struct pairing *pairing, uint8_t *key_size)
{
	struct adapter *adapter = &pairing->on.adapter;

	if (adapter_read_address(adapter))
		return -1;
	return link_level(&pairing->peer, &adapter->address, &pairing->link,
			  key_size);
}

static void pairing_succeeded(void *arg)
{
	struct pairing *pairing = arg;
	/* Check again: a new key may have come while the link was held. */
	const char *fault = pairing_weakness(pairing);
	uint8_t key_size = 0;
	json_t *more;
	int level;

	if (fault) {
		pairing_failed(pairing, STATUS_REFUSED, fault, "");
		return;
	}
	level = pairing_own_level(pairing, &key_size);
	if (pairing->set.require_level && level != LEVEL_SC_MITM) {
		pairing_failed(pairing, STATUS_REFUSED,
			       "the link is not seen at level 4 of security "
			       "mode 1", "");
		return;
	}
	if (level >= 0 && (key_size != pairing->ltk.size ||
			   level < LEVEL_ENCRYPTED)) {
		pairing_failed(pairing, STATUS_LINK,
			       "the link was lost after pairing",
			       "the peer rejected the pairing, and reports "
			       "why; or the radio link is unstable");
		return;
	}
	if (level >= 0 && pairing->ltk.type == LTK_P256_AUTHENTICATED &&
	    level != LEVEL_SC_MITM) {
		pairing_failed(pairing, STATUS_REFUSED,
			       "the link is not at level 4 of security mode 1",
			       "");
		return;
	}
	if (pairing->ltk.bonded && !adapter_bluetoothd() &&
	    bond_keep(&pairing->on.adapter.controller, &pairing->keys))
		pairing->ltk.bonded = false;
	more = json_pack("{s:s, s:i, s:b, s:b}", "method",
			 smp_method_name(pairing->method), "key_size",
			 pairing->ltk.size, "authenticated",
			 pairing->ltk.type == LTK_P256_AUTHENTICATED ||
			 pairing->ltk.type == LTK_LEGACY_AUTHENTICATED,
			 "bonded", pairing->ltk.bonded);
	if (level >= 0)
		json_object_set_new(more, "level", json_integer(level));
	pairing_tell(pairing, "paired", more);
	pairing_done(pairing, STATUS_OK);
}

/*
 * Secure Connections always produces a long term key.  An encrypted link
 * without one uses the short term key of legacy pairing, which the kernel does
 * not report, so take its properties from the link.
 */
static bool pairing_take_short_term_key(struct pairing *pairing)
{
	uint8_t size = 0;
	int level = pairing_own_level(pairing, &size);

	pairing->keyed = true;
	pairing->ltk.type = level > LEVEL_ENCRYPTED ? LTK_LEGACY_AUTHENTICATED
						    : LTK_LEGACY;
	pairing->ltk.size = size;
	return level >= LEVEL_ENCRYPTED;
}

void pairing_check(void *arg)
{
	struct pairing *pairing = arg;

	if (!pairing->keyed && !pairing_take_short_term_key(pairing)) {
		pairing_failed(pairing, STATUS_REFUSED,
			       "pairing produced no key", "");
		return;
	}
	/* The kernel asked no question: it was OOB, or Just Works. */
	if (!pairing->told_method &&
	    !pairing_method_allowed(pairing, pairing->ltk.type ==
				    LTK_P256_AUTHENTICATED ? SMP_OOB :
				    SMP_JUST_WORKS, 0))
		return;
	if (pairing->set.hold_ms && !pairing_weakness(pairing))
		loop_after(pairing->set.loop, &pairing->hold,
			   pairing->set.hold_ms, pairing_succeeded, pairing);
	else
		pairing_succeeded(pairing);
}
