/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Advertising the service, and finding a peer that does by its name. */
#ifndef BLESEC_ADVERT_H
#define BLESEC_ADVERT_H

#include "bluetooth/adapter.h"
#include "att/att.h"

/* What to advertise. */
struct advert {
	const char *name;	/* in the scan response; NULL: nothing but to be
				 * connectable */
	/* Beside the tunnel's service: as many of these with 16 bits as there
	 * is room for, and what the device looks like, if not 0. */
	const struct gatt_uuid *services;
	size_t service_count;
	uint16_t appearance;
};

/*
 * Advertise, connectable.
 * Call it again after each connection: a controller stops then.
 * *instance is 0 before the first call.  Returns STATUS_OK or STATUS_REFUSED
 * having said why.
 */
enum status advert_start(struct adapter *adapter, const struct advert *advert,
			 uint8_t *instance);
void advert_stop(struct adapter *adapter, uint8_t *instance);

/* Start or stop to look for peripherals; Device Found events follow. */
enum status advert_scan(struct adapter *adapter);
void advert_scan_stop(struct adapter *adapter);

/*
 * If a Device Found event is of a peripheral that has this name and offers the
 * tunnel's service, write its address and return true.  (Core Specification
 * Supplement, Part A: every structure is checked, none is at a fixed place.)
 */
bool advert_found(const uint8_t *event, size_t len, const char *name,
		  struct link_address *address);

/*
 * If a Device Found event is of this device, which can be connected to, the
 * length of what it advertises (AD structures), else 0.
 */
size_t advert_data(const uint8_t *event, size_t len,
		   const struct link_address *address, const uint8_t **data);

#endif
