/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advertising and EIR data structures (Core 5.4 Vol 3 Part C 11). */
#ifndef BLESEC_AD_H
#define BLESEC_AD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* Common Data Types of the Assigned Numbers. */
enum ad_type {
	AD_UUID16_SOME = 0x02,
	AD_UUID16_ALL = 0x03,
	AD_UUID128_SOME = 0x06,
	AD_UUID128_ALL = 0x07,
	AD_NAME_SHORT = 0x08,
	AD_NAME_COMPLETE = 0x09,
	AD_APPEARANCE = 0x19,
	AD_LE_ADDRESS = 0x1b,
	AD_LE_ROLE = 0x1c,
	AD_LE_SC_CONFIRM = 0x22,
	AD_LE_SC_RANDOM = 0x23,
};

struct ad {
	uint8_t type;
	const uint8_t *data;
	size_t len;
};

/*
 * Take the structure at *p, and move *p past it.  False at the end: of the
 * data, at a length of 0, or where a structure would be longer than the data.
 */
static inline bool ad_next(const uint8_t **p, const uint8_t *end,
			   struct ad *ad)
{
	size_t left = (size_t)(end - *p);

	if (!left || !**p || **p >= left)
		return false;
	ad->type = (*p)[1];
	ad->data = *p + 2;
	ad->len = (size_t)**p - 1;
	*p += 1 + **p;
	return true;
}

/* The "name", "appearance" and "services" (UUIDs) of the data, if present. */
json_t *ad_json(const uint8_t *data, size_t len);

#endif
