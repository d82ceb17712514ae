/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The link between a gateway and its peripheral.  The peripheral is discovered,
 * and then gets one request at a time (Core 5.4 Vol 3 Part F 3.3.2).  All that
 * it sends is checked before it is passed on.  PDU in, PDU out, no I/O.
 */
#ifndef BLESEC_GATEWAY_LINK_H
#define BLESEC_GATEWAY_LINK_H

#include "att/gatt-explorer.h"
#include "att/gatt-server.h"

#define GATEWAY_OUT 4		/* confirmations and answers to be sent */
#define GATEWAY_ANSWER 30000	/* ms for a response (Part F 3.3.3) */

struct gateway_link_calls {
	/* False if the link is busy; gateway_link_writable will be called. */
	bool (*send)(const uint8_t *pdu, size_t len, void *arg);
	/*
	 * All that was discovered, in order of handles.  The callee takes over
	 * found.  Returns false if memory is short.
	 */
	bool (*discovered)(struct gatt_found *found, size_t count, void *arg);
	/*
	 * A well-formed response to the request in "asked".  The callee may
	 * write to the PDU.
	 */
	void (*answered)(uint8_t *pdu, size_t len, uint64_t now, void *arg);
	void (*notified)(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg);
	/* The callee has to call gateway_link_confirm, now or later. */
	void (*indicated)(const uint8_t *pdu, size_t len, uint64_t now,
			  void *arg);
	/* The link is down: an unanswered request will not be answered. */
	void (*lost)(void *arg);
	/* Called after "lost" if the peripheral is at fault: what is wrong. */
	void (*fault)(const char *words, void *arg);
};

/* Set the first two members; all others are 0. */
struct gateway_link {
	const struct gateway_link_calls *calls;
	void *arg;		/* passed to the calls */

	/* To be read by the caller. */
	bool up;
	bool ready;		/* it has been discovered and can get
				 * requests */
	uint16_t mtu;		/* of the link, or of the last that was ready; 0
				 * if none has been */
	bool asking;		/* a request is unanswered: */
	struct {
		uint64_t since;
		size_t len;
		uint8_t pdu[ATT_MTU_OFFERED];
	} asked;		/* the last one */

	/* The rest is the link's own. */
	bool busy;		/* gateway_link_writable will be called */
	bool indicated;		/* gateway_link_confirm has not been called */
	struct gatt_explorer explorer;	/* its MTU is the link's */
	struct {
		uint64_t since;
		size_t len;	/* 0: it has been sent */
		uint8_t pdu[ATT_MTU_OFFERED];
	} exploring;
	struct gatt_found *found;	/* what has been discovered so far */
	size_t found_count, found_room;
	bool short_of_memory;
	struct {
		size_t len;
		uint8_t pdu[ATT_MTU_DEFAULT];
	} out[GATEWAY_OUT];
	size_t out_count;
	struct gatt_db empty;
	struct gatt_server server;	/* the peripheral may be a client */
};

void gateway_link_free(struct gateway_link *link);

void gateway_link_up(struct gateway_link *link);
void gateway_link_down(struct gateway_link *link);
void gateway_link_writable(struct gateway_link *link);
/* Take a PDU of the peripheral: any octets. */
void gateway_link_receive(struct gateway_link *link, const uint8_t *pdu,
			  size_t len, uint64_t now);

/* The ATT_MTU in force. */
uint16_t gateway_link_mtu(const struct gateway_link *link);

/* Send a command.  False if the link is busy or down. */
bool gateway_link_emit(struct gateway_link *link, const uint8_t *pdu,
		       size_t len);
/*
 * Send a request.  False if another is unanswered, or the link is busy or down.
 */
bool gateway_link_ask(struct gateway_link *link, const uint8_t *pdu,
		      size_t len, uint64_t now);
/* Confirm the last indication. */
void gateway_link_confirm(struct gateway_link *link);
/* Give up the link, unless it is down already: calls "lost" and "fault". */
void gateway_link_fault(struct gateway_link *link, const char *words);

/* Send confirmations, answers, and requests for discovery. */
void gateway_link_pump(struct gateway_link *link, uint64_t now);
/* When the answer to a request is due, or GATEWAY_NEVER. */
uint64_t gateway_link_due(const struct gateway_link *link);

#endif
