/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The centrals of a gateway: what they send is held, in order, until it is
 * their turn; and they are answered.
 */
#ifndef BLESEC_GATEWAY_CENTRAL_H
#define BLESEC_GATEWAY_CENTRAL_H

#include "gateway/gateway.h"
#include "att/gatt-server.h"

struct held {
	uint64_t since;
	size_t len;
	uint8_t pdu[ATT_MTU_OFFERED];
};

struct central {
	struct central *next;
	const struct gateway_settings *set;
	uint32_t number;
	bool dropped;		/* gateway_remove is waited for */
	uint16_t mtu;
	struct held held[GATEWAY_HELD];	/* the oldest first */
	size_t count;

	/* The request among them, of which there is one at most. */
	bool asking;
	uint16_t from;		/* a list is asked for from here; 0: start */
	bool whole;		/* all of a value is read for a part of it */

	bool confirming;	/* an indication is unconfirmed, */
	bool stale;		/* it is of a link that has fallen, */
	bool owed;		/* and the next is to be sent after it */
	uint64_t confirm_by;

	bool lost;		/* what it had prepared is cancelled */

	/* Answers for the gateway's own service; its configurations are those
	 * of the peripheral's handles. */
	struct gatt_server server;
};

/* Set the first member; all others are 0. */
struct gateway_centrals {
	const struct gateway_settings *set;
	struct central *first;	/* whose turn it is first */
};

/* A central of that number, its turn being the last.  NULL: no memory. */
struct central *gateway_central_add(struct gateway_centrals *centrals,
				    uint32_t number);
void gateway_central_remove(struct gateway_centrals *centrals,
			    struct central *central);
/* Its turn is after all others. */
void gateway_central_last(struct gateway_centrals *centrals,
			  struct central *central);
/* The central of that number, or NULL. */
struct central *gateway_central_find(const struct gateway_centrals *centrals,
				     uint32_t number);

/* NULL, or what is wrong with what a central sent. */
const char *gateway_central_fault(const struct central *central,
				  const uint8_t *pdu, size_t len);
/* Hold a request or command in which nothing is wrong. */
void gateway_central_hold(struct central *central, const uint8_t *pdu,
			  size_t len, uint64_t now);

/* What it is answered: it is held first, what was before it is gone. */
const struct held *gateway_request(const struct central *central);
/* Its handle for an Error Response, 0 if it has none. */
uint16_t gateway_request_handle(const struct central *central);
/* One that is held is no longer. */
void gateway_release(struct central *central, size_t index);
/* Answer the request that is held first. */
void gateway_respond(struct central *central, const uint8_t *pdu, size_t len);
void gateway_refuse(struct central *central, uint16_t handle, uint8_t error);

#endif
