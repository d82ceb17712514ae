/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the management socket tells of pairing, as events of blesec(7).  Pure. */
#ifndef BLESEC_PAIRING_EVENT_H
#define BLESEC_PAIRING_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>
#include <jansson.h>

/* Kinds of key of New Long Term Key. */
enum ltk_type {
	LTK_LEGACY = 0,
	LTK_LEGACY_AUTHENTICATED = 1,
	LTK_P256 = 2,
	LTK_P256_AUTHENTICATED = 3,
	LTK_P256_DEBUG = 4,
};

struct ltk {
	bool bonded;		/* to be stored */
	uint8_t type;		/* enum ltk_type */
	uint8_t size;		/* octets */
};

/* Of a New Long Term Key event; false if it is too short. */
bool pairing_event_ltk(const uint8_t *data, size_t len, struct ltk *ltk);

/*
 * The address of an LE device and its type that an event speaks of; false if
 * it speaks of none.
 */
bool pairing_event_address(uint16_t code, const uint8_t *data, size_t len,
			   bdaddr_t *bdaddr, uint8_t *type);

/*
 * The event's members, and its name in *name: "key", "passkey" (to be displayed
 * here), "passkey-request", "confirm", "auth-failed", "link", "unlink".  NULL if it
 * is none of these.  The values of keys only with show_keys.
 */
json_t *pairing_event_json(uint16_t code, const uint8_t *data, size_t len,
			   bool show_keys, const char **name);

#endif
