/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The centrals of a gateway.  What they send is held, in order, until it is
 * their turn, and is then answered.
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
	bool dropped;		/* gateway_remove will be called */
	uint16_t mtu;
	struct held held[GATEWAY_HELD];	/* the oldest first */
	size_t count;

	/* The request among the PDUs; there is at most one. */
	bool asking;
	uint16_t from;		/* first handle that a list is still asked for;
				 * 0: all */
	bool whole;		/* the whole value is read to answer a Read
				 * Blob */

	bool confirming;	/* it has to confirm an indication, */
	bool stale;		/* which came over a link that is down, */
	bool owed;		/* and gets the next one afterwards */
	uint64_t confirm_by;

	bool lost;		/* its prepared writes were cancelled */

	/*
	 * Answers for the gateway's own service; but its configurations are
	 * those of the peripheral.
	 */
	struct gatt_server server;
};

/* Set the first member; all others are 0. */
struct gateway_centrals {
	const struct gateway_settings *set;
	struct central *first;	/* in the order of their turns */
};

/*
 * Add a central with that number, after all others.  NULL if memory is short.
 */
struct central *gateway_central_add(struct gateway_centrals *centrals,
				    uint32_t number);
void gateway_central_remove(struct gateway_centrals *centrals,
			    struct central *central);
/* Put the central after all others. */
void gateway_central_last(struct gateway_centrals *centrals,
			  struct central *central);
/* The central with that number, or NULL. */
struct central *gateway_central_find(const struct gateway_centrals *centrals,
				     uint32_t number);

/* NULL, or what is wrong with what a central sent. */
const char *gateway_central_fault(const struct central *central,
				  const uint8_t *pdu, size_t len);
/* Hold a request or command that was checked by gateway_central_fault. */
void gateway_central_hold(struct central *central, const uint8_t *pdu,
			  size_t len, uint64_t now);

/* The request that is answered now: the first PDU that is held. */
const struct held *gateway_request(const struct central *central);
/* Its handle for an Error Response, 0 if it has none. */
uint16_t gateway_request_handle(const struct central *central);
/* Hold one of the PDUs no longer. */
void gateway_release(struct central *central, size_t index);
/* Answer the request that is held first, and hold it no longer. */
void gateway_respond(struct central *central, const uint8_t *pdu, size_t len);
void gateway_refuse(struct central *central, uint16_t handle, uint8_t error);

#endif
