/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT gateway passes the ATT PDUs of several centrals to one peripheral and
 * back (Core 5.4 Vol 3 Part F).  PDU in, PDU out, no I/O and no clock: "now" is
 * in milliseconds and never goes back.
 *
 * Requests are sent on one at a time (F 3.3.2), in turn, and each response goes
 * to the central that asked.  The gateway itself only handles what several
 * clients of one server cannot share: the MTU, Client Characteristic
 * Configurations, the queue of prepared writes, and confirmations.  A service
 * of its own, after all handles of the peripheral, has what the peripheral
 * advertises.
 */
#ifndef BLESEC_GATEWAY_H
#define BLESEC_GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "att/att.h"

#define GATEWAY_HELD 8		/* PDUs of one central at a time */
#define GATEWAY_ADVERTISING_MAX 254	/* octets: two of 31, or extended */
#define GATEWAY_NEVER UINT64_MAX

struct gateway;

struct gateway_settings {
	/* Services and characteristics that centrals can see; 0: all. */
	const struct gatt_uuid *expose;
	size_t expose_count;
	bool read_only;		/* only configurations can be written */

	/*
	 * None of these may call a function of this header; "arg" is passed to
	 * them.
	 */
	void *arg;
	/* False if the link is busy; gateway_writable will be called. */
	bool (*to_peripheral)(const uint8_t *pdu, size_t len, void *arg);
	void (*to_central)(uint32_t central, const uint8_t *pdu, size_t len,
			   void *arg);
	/* One of the PDUs given to gateway_central is held no longer. */
	void (*taken)(uint32_t central, void *arg);
	/* The peripheral has been discovered: the centrals are served now. */
	void (*ready)(uint16_t mtu, void *arg);
	/*
	 * Drop the central and call gateway_remove.  The words say what it did
	 * or, if it is not at fault, what happened to the peripheral.
	 */
	void (*drop)(uint32_t central, bool at_fault, const char *words,
		     void *arg);
	/*
	 * The link to the peripheral cannot be used any more: close it and call
	 * gateway_down.
	 */
	void (*fault)(const char *words, void *arg);
};

/* settings are copied, but not what they point to.  NULL if memory is short. */
struct gateway *gateway_new(const struct gateway_settings *settings);
void gateway_free(struct gateway *gateway);

/* A central has come, with a number of its own.  False if memory is short. */
bool gateway_add(struct gateway *gateway, uint32_t central);
/* A central has gone; an unknown number is ignored. */
void gateway_remove(struct gateway *gateway, uint32_t central, uint64_t now);

/* A link to the peripheral is up.  It is discovered, then "ready" is called. */
void gateway_up(struct gateway *gateway, uint64_t now);
void gateway_down(struct gateway *gateway, uint64_t now);

/*
 * Take a PDU of a central.  A central that sends more while GATEWAY_HELD are
 * held is dropped.
 */
void gateway_central(struct gateway *gateway, uint32_t central,
		     const uint8_t *pdu, size_t len, uint64_t now);
/* Take a PDU of the peripheral: any octets. */
void gateway_peripheral(struct gateway *gateway, const uint8_t *pdu,
			size_t len, uint64_t now);
/* The link accepts PDUs again. */
void gateway_writable(struct gateway *gateway, uint64_t now);

/*
 * Set what the peripheral advertises: AD structures (Part C 11), any octets;
 * cut after GATEWAY_ADVERTISING_MAX.
 */
void gateway_advertising(struct gateway *gateway, const uint8_t *data,
			 size_t len);

/* Do what is due.  Returns when to call again at the latest. */
uint64_t gateway_tick(struct gateway *gateway, uint64_t now);

#endif
