/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A GATT gateway: the ATT PDUs of several centrals, to one peripheral and back
 * (Core 5.4 Vol 3 Part F).  PDU in, PDU out, no I/O, no clock: "now" is
 * milliseconds of one that never goes back.
 *
 * Requests are forwarded one at a time (F 3.3.2), in turn; what comes back goes
 * to who asked.  Only what several clients of one server cannot share is the
 * gateway's own: the MTU, Client Characteristic Configurations, the queue of
 * prepared writes, confirmations.  A service of its own, after all of the
 * peripheral's handles, tells what the peripheral advertises.
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
	/* Services and characteristics that can be seen; 0: all there are. */
	const struct gatt_uuid *expose;
	size_t expose_count;
	bool read_only;		/* nothing is written but configurations */

	/*
	 * None of these may call a function of this header; "arg" is passed to
	 * them.
	 */
	void *arg;
	/* False: the link is busy, gateway_writable will be called. */
	bool (*to_peripheral)(const uint8_t *pdu, size_t len, void *arg);
	void (*to_central)(uint32_t central, const uint8_t *pdu, size_t len,
			   void *arg);
	/* One of the PDUs of gateway_central is not held any longer. */
	void (*taken)(uint32_t central, void *arg);
	/* The peripheral is discovered: the centrals are served from now. */
	void (*ready)(uint16_t mtu, void *arg);
	/* What a central did, or, not its fault, what has become of the
	 * peripheral: it is to be dropped, and gateway_remove called. */
	void (*drop)(uint32_t central, bool at_fault, const char *words,
		     void *arg);
	/* The link to the peripheral is of no more use: it is to be closed, and
	 * gateway_down called. */
	void (*fault)(const char *words, void *arg);
};

/* settings are copied, what they point to is kept.  NULL: no memory. */
struct gateway *gateway_new(const struct gateway_settings *settings);
void gateway_free(struct gateway *gateway);

/* A central has come, under a number of its own.  False: no memory. */
bool gateway_add(struct gateway *gateway, uint32_t central);
/* It has gone; unknown ones are ignored. */
void gateway_remove(struct gateway *gateway, uint32_t central, uint64_t now);

/* A link to the peripheral is up: it is discovered, then "ready". */
void gateway_up(struct gateway *gateway, uint64_t now);
void gateway_down(struct gateway *gateway, uint64_t now);

/*
 * A PDU of a central.  Not more than GATEWAY_HELD may be held at a time; what
 * is more drops it.
 */
void gateway_central(struct gateway *gateway, uint32_t central,
		     const uint8_t *pdu, size_t len, uint64_t now);
/* A PDU of the peripheral: any octets. */
void gateway_peripheral(struct gateway *gateway, const uint8_t *pdu,
			size_t len, uint64_t now);
/* The link takes PDUs again. */
void gateway_writable(struct gateway *gateway, uint64_t now);

/* What the peripheral advertises now: AD structures (Part C 11), any octets;
 * what is more than GATEWAY_ADVERTISING_MAX is cut. */
void gateway_advertising(struct gateway *gateway, const uint8_t *data,
			 size_t len);

/* Do what is due.  Returns when to call again at the latest. */
uint64_t gateway_tick(struct gateway *gateway, uint64_t now);

#endif
