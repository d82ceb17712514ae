/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The link between a gateway and its peripheral: it is discovered, then asked
 * one request at a time (Core 5.4 Vol 3 Part F 3.3.2).  Nothing that the
 * peripheral sends is passed on before it is checked.  PDU in, PDU out.
 */
#ifndef BLESEC_GATEWAY_LINK_H
#define BLESEC_GATEWAY_LINK_H

#include "att/gatt-explorer.h"
#include "att/gatt-server.h"

#define GATEWAY_OUT 4		/* confirmations and answers to be sent */
#define GATEWAY_ANSWER 30000	/* ms for a response (Part F 3.3.3) */

struct gateway_link_calls {
	/* False: not now, gateway_link_writable will be called. */
	bool (*send)(const uint8_t *pdu, size_t len, void *arg);
	/*
	 * All that there is, in order of handles; found is the callee's to be
	 * freed.  False: no memory.
	 */
	bool (*discovered)(struct gatt_found *found, size_t count, void *arg);
	/*
	 * A response, well-formed, to what was asked, which is still in
	 * "asked".  The callee may write to the PDU.
	 */
	void (*answered)(uint8_t *pdu, size_t len, uint64_t now, void *arg);
	void (*notified)(uint16_t handle, const uint8_t *value, size_t len,
			 void *arg);
	/* gateway_link_confirm is awaited. */
	void (*indicated)(const uint8_t *pdu, size_t len, uint64_t now,
			  void *arg);
	/* The link has fallen: there will be no answer. */
	void (*lost)(void *arg);
	/* Why, where it is the peripheral's fault. */
	void (*fault)(const char *words, void *arg);
};

/* Set the first two members; all others are 0. */
struct gateway_link {
	const struct gateway_link_calls *calls;
	void *arg;		/* of theirs */

	/* To be read by the caller. */
	bool up;
	bool ready;		/* it is discovered, and may be asked */
	uint16_t mtu;		/* of the link, or of the last that was ready;
				 * 0: none was yet */
	bool asking;		/* a request is unanswered: */
	struct {
		uint64_t since;
		size_t len;
		uint8_t pdu[ATT_MTU_OFFERED];
	} asked;		/* the last one */

	/* The rest is the link's own. */
	bool busy;		/* gateway_link_writable is waited for */
	bool indicated;		/* gateway_link_confirm is waited for */
	struct gatt_explorer explorer;	/* its MTU is the link's */
	struct {
		uint64_t since;
		size_t len;	/* 0: it is sent */
		uint8_t pdu[ATT_MTU_OFFERED];
	} exploring;
	struct gatt_found *found;	/* by the discovery under way */
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
/* A PDU of the peripheral: any octets. */
void gateway_link_receive(struct gateway_link *link, const uint8_t *pdu,
			  size_t len, uint64_t now);

/* ATT_MTU in force. */
uint16_t gateway_link_mtu(const struct gateway_link *link);

/* Send a command.  False: not now. */
bool gateway_link_emit(struct gateway_link *link, const uint8_t *pdu,
		       size_t len);
/* Send a request.  False: not now. */
bool gateway_link_ask(struct gateway_link *link, const uint8_t *pdu,
		      size_t len, uint64_t now);
/* Confirm the last indication. */
void gateway_link_confirm(struct gateway_link *link);
/* Give the link up, if it is not yet: "lost" and "fault" are called. */
void gateway_link_fault(struct gateway_link *link, const char *words);

/* Send what waits for nothing but the link, and what discovers. */
void gateway_link_pump(struct gateway_link *link, uint64_t now);
/* When an answer has to be there, or GATEWAY_NEVER. */
uint64_t gateway_link_due(const struct gateway_link *link);

#endif
