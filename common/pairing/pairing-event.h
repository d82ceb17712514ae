/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Convert the management socket's events about pairing to the events of
 * blesec(7).  The functions are pure.
 */
#ifndef BLESEC_PAIRING_EVENT_H
#define BLESEC_PAIRING_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bluetooth/bluetooth.h>
#include <jansson.h>

/* Key types in New Long Term Key. */
enum ltk_type {
	LTK_LEGACY = 0,
	LTK_LEGACY_AUTHENTICATED = 1,
	LTK_P256 = 2,
	LTK_P256_AUTHENTICATED = 3,
	LTK_P256_DEBUG = 4,
};

struct ltk {
	bool bonded;		/* the store hint is set */
	uint8_t type;		/* enum ltk_type */
	uint8_t size;		/* octets */
};

/* Parse a New Long Term Key event; false if it is too short. */
bool pairing_event_ltk(const uint8_t *data, size_t len, struct ltk *ltk);

/*
 * Get the address and type of the LE device that an event is about; false if it
 * is about none.
 */
bool pairing_event_address(uint16_t code, const uint8_t *data, size_t len,
			   bdaddr_t *bdaddr, uint8_t *type);

/*
 * Returns the event's members, which the caller frees, and its name in *name:
 * "key", "passkey" (to be displayed here), "passkey-request", "confirm",
 * "auth-failed", "link" or "unlink".  Returns NULL for other events, and for
 * events that are too short.  Includes the values of keys only with show_keys.
 */
json_t *pairing_event_json(uint16_t code, const uint8_t *data, size_t len,
			   bool show_keys, const char **name);

#endif
