/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Advertise the tunnel's service, and find a peer that advertises it by the
 * peer's name.
 */
#ifndef BLESEC_ADVERT_H
#define BLESEC_ADVERT_H

#include "bluetooth/adapter.h"
#include "att/att.h"

/* What to advertise. */
struct advert {
	const char *name;	/* in the scan response; NULL: be connectable,
				 * but advertise neither name nor services */
	/* Next to the tunnel's service: the 16-bit UUIDs in this list, as far
	 * as they fit, and the appearance, unless it is 0. */
	const struct gatt_uuid *services;
	size_t service_count;
	uint16_t appearance;
};

/*
 * Start connectable advertising.  A controller stops advertising when a central
 * connects, so call this again after each connection.  *instance must be 0
 * before the first call; it then holds the advertising instance.  Returns
 * STATUS_OK, or STATUS_REFUSED after printing the reason.
 */
enum status advert_start(struct adapter *adapter, const struct advert *advert,
			 uint8_t *instance);
/* Stop advertising and set *instance to 0. */
void advert_stop(struct adapter *adapter, uint8_t *instance);

/*
 * Start or stop LE discovery; while it runs, the kernel sends Device Found
 * events.  Returns STATUS_OK, also if another program has discovery running, or
 * STATUS_REFUSED after printing the reason.
 */
enum status advert_scan(struct adapter *adapter);
void advert_scan_stop(struct adapter *adapter);

/*
 * If a Device Found event comes from a peripheral that has this name and offers
 * the tunnel's service, store its address and return true.  The advertising
 * data structures may be in any order (Core Specification Supplement, Part A).
 */
bool advert_found(const uint8_t *event, size_t len, const char *name,
		  struct link_address *address);

/*
 * If a Device Found event comes from this device and the device is connectable,
 * set *data to its AD structures, which point into event, and return their
 * length in octets; else return 0.
 */
size_t advert_data(const uint8_t *event, size_t len,
		   const struct link_address *address, const uint8_t **data);

#endif
