/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"
#include "pairing/pairing-event.h"

#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/bytes.h"
#include "base/hex.h"
#include "bluetooth/mgmt.h"

/* Offsets in New Long Term Key: store hint, address, type, central, size, EDIV,
 * Rand, value. */
#define LTK_TYPE (1 + MGMT_ADDRESS_SIZE)
#define LTK_SIZE (LTK_TYPE + 2)
#define LTK_VALUE (LTK_SIZE + 1 + 2 + 8)

bool pairing_event_ltk(const uint8_t *data, size_t len, struct ltk *ltk)
{
	if (len < LTK_VALUE + 16)
		return false;
	ltk->bonded = data[0];
	ltk->type = data[LTK_TYPE];
	ltk->size = data[LTK_SIZE];
	return true;
}

static int pairing_event_offset(uint16_t code)
{
	switch (code) {
	case MGMT_EV_NEW_LONG_TERM_KEY:
	case MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY:
		return 1;
	case MGMT_EV_NEW_IDENTITY_RESOLVING_KEY:
		return 1 + 6;
	case MGMT_EV_USER_CONFIRMATION_REQUEST:
	case MGMT_EV_USER_PASSKEY_REQUEST:
	case MGMT_EV_PASSKEY_NOTIFY:
	case MGMT_EV_AUTHENTICATION_FAILED:
	case MGMT_EV_DEVICE_CONNECTED:
	case MGMT_EV_DEVICE_DISCONNECTED:
		return 0;
	default:
		return -1;
	}
}

bool pairing_event_address(uint16_t code, const uint8_t *data, size_t len,
			   bdaddr_t *bdaddr, uint8_t *type)
{
	int at = pairing_event_offset(code);

	if (at < 0 || len < (size_t)at + MGMT_ADDRESS_SIZE ||
	    data[at + 6] == BDADDR_BREDR)
		return false;
	memcpy(bdaddr, data + at, 6);
	*type = data[at + 6];
	return true;
}

static json_t *pairing_event_key(const char *name, const uint8_t *value,
				 bool show)
{
	json_t *json = json_pack("{s:s}", "key", name);
	char hex[33];

	if (!show)
		return json;
	hex_encode(value, 16, HEX_LOWER, hex);
	json_object_set_new(json, "value", json_string(hex));
	OPENSSL_cleanse(hex, sizeof(hex));
	return json;
}

static json_t *pairing_event_ltk_json(const uint8_t *data, size_t len,
				      bool show)
{
	static const char *const kinds[] = {
		[LTK_LEGACY] = "legacy",
		[LTK_LEGACY_AUTHENTICATED] = "legacy",
		[LTK_P256] = "P-256",
		[LTK_P256_AUTHENTICATED] = "P-256",
		[LTK_P256_DEBUG] = "P-256 debug",
	};
	struct ltk ltk;
	json_t *json;

	if (!pairing_event_ltk(data, len, &ltk))
		return NULL;
	json = pairing_event_key("LTK", data + LTK_VALUE, show);
	json_object_set_new(json, "kind", json_string(
		ltk.type <= LTK_P256_DEBUG ? kinds[ltk.type] : "unknown"));
	json_object_set_new(json, "size", json_integer(ltk.size));
	json_object_set_new(json, "authenticated", json_boolean(
		ltk.type == LTK_LEGACY_AUTHENTICATED ||
		ltk.type == LTK_P256_AUTHENTICATED));
	json_object_set_new(json, "bonded", json_boolean(ltk.bonded));
	return json;
}

static json_t *pairing_event_number(const char *member, const uint8_t *value)
{
	return json_pack("{s:o}", member, json_sprintf("%06u",
						       get_le32(value)));
}

/* Convert what follows the address. */
static json_t *pairing_event_body(uint16_t code, const uint8_t *p, size_t len,
				  const char **name)
{
	switch (code) {
	case MGMT_EV_USER_CONFIRMATION_REQUEST:
		*name = "confirm";
		/* If the confirm hint is set, there is no number to compare. */
		return len < 5 ? NULL :
		       p[0] ? json_object() :
			      pairing_event_number("number", p + 1);
	case MGMT_EV_USER_PASSKEY_REQUEST:
		*name = "passkey-request";
		return json_object();
	case MGMT_EV_PASSKEY_NOTIFY:
		*name = "passkey";
		return len < 5 ? NULL : pairing_event_number("passkey", p);
	case MGMT_EV_AUTHENTICATION_FAILED:
		*name = "auth-failed";
		return len < 1 ? NULL : json_pack("{s:s}", "reason",
						  mgmt_status_name(p[0]));
	case MGMT_EV_DEVICE_CONNECTED:
		*name = "link";
		return json_object();
	case MGMT_EV_DEVICE_DISCONNECTED:
		*name = "unlink";
		return json_object();
	default:
		return NULL;
	}
}

json_t *pairing_event_json(uint16_t code, const uint8_t *data, size_t len,
			   bool show_keys, const char **name)
{
	bdaddr_t bdaddr;
	uint8_t type;
	char text[18];
	json_t *json, *more;
	size_t at;

	if (!pairing_event_address(code, data, len, &bdaddr, &type))
		return NULL;
	at = (size_t)pairing_event_offset(code) + MGMT_ADDRESS_SIZE;
	*name = "key";
	if (code == MGMT_EV_NEW_LONG_TERM_KEY)
		more = pairing_event_ltk_json(data, len, show_keys);
	else if (code == MGMT_EV_NEW_IDENTITY_RESOLVING_KEY)
		more = len < at + 16 ? NULL :
		       pairing_event_key("IRK", data + at, show_keys);
	else if (code == MGMT_EV_NEW_SIGNATURE_RESOLVING_KEY)
		more = len < at + 17 ? NULL :
		       pairing_event_key("CSRK", data + at + 1, show_keys);
	else
		more = pairing_event_body(code, data + at, len - at, name);
	if (!more)
		return NULL;
	ba2str(&bdaddr, text);
	json = json_pack("{s:s, s:s}", "address", text, "type",
			 type == BDADDR_LE_RANDOM ? "random" : "public");
	json_object_update(json, more);
	json_decref(more);
	return json;
}
