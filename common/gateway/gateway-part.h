/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What gateway.c (what becomes of a request or command, deadlines) and
 * gateway-share.c (the centrals, whose turn it is, configurations, indications,
 * prepared writes) share.  Both stand on gateway-link.c and gateway-view.c.
 */
#ifndef BLESEC_GATEWAY_PART_H
#define BLESEC_GATEWAY_PART_H

#include "gateway/gateway.h"
#include "gateway/gateway-link.h"
#include "gateway/gateway-view.h"

#define GATEWAY_HOLD 20000	/* ms that a PDU is held */
#define GATEWAY_CONFIRM 10000	/* ms for a central's confirmation */
#define GATEWAY_PREPARED 10000	/* ms after the first prepared write */

struct held {
	uint64_t since;
	size_t len;
	uint8_t pdu[ATT_MTU_OFFERED];
};

struct central {
	struct central *next;
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

enum asker {
	ASKER_NOBODY,
	ASKER_CENTRAL,
	ASKER_CONFIGURATION,	/* the gateway: what all centrals want now */
	ASKER_CANCEL,		/* the gateway: what was prepared */
};

struct gateway {
	struct gateway_settings set;
	struct central *centrals;	/* whose turn it is first */

	struct gateway_link link;
	struct gateway_view view;	/* of the link before, until this one
					 * is ready */

	/* For whom the link is asking. */
	struct {
		enum asker by;
		struct central *central;	/* NULL: it has gone */
		struct configuration *configuration;	/* it writes, or NULL */
		uint8_t before;		/* bits the central had */
	} asked;

	bool unsettled;		/* configurations may differ from what is
				 * wanted */

	/* The indication that is to be confirmed to the peripheral. */
	struct {
		size_t len;	/* 0: none */
		uint8_t pdu[ATT_MTU_OFFERED];
	} indication;

	struct central *preparer;	/* has the peripheral's queue, */
	bool prepared;		/* something is in it */
	uint64_t prepared_at;
	bool cancelling;	/* nobody has it before this is done */
};

/* gateway.c */
/* Send a request, of this central if it is one's.  False: not now. */
bool gateway_ask(struct gateway *gateway, enum asker by,
		 struct central *central, const uint8_t *pdu, size_t len,
		 uint64_t now);
/* Whatever can be done now. */
void gateway_pump(struct gateway *gateway, uint64_t now);

/* gateway-share.c */
void gateway_respond(struct gateway *gateway, struct central *central,
		     const uint8_t *pdu, size_t len);
void gateway_refuse(struct gateway *gateway, struct central *central,
		    uint16_t handle, uint8_t error);
/* What it is answered: it is held first, what was before it is gone. */
const struct held *gateway_request(const struct central *central);
/* Its handle for an Error Response, 0 if it has none. */
uint16_t gateway_request_handle(const struct central *central);
/* One that is held is no longer. */
void gateway_release(struct gateway *gateway, struct central *central,
		     size_t index);
void gateway_drop(struct gateway *gateway, struct central *central,
		  bool at_fault, const char *words);
/* Undo what a central has done at the peripheral. */
void gateway_leave(struct gateway *gateway, struct central *central);
/* What is held, as far as it goes now. */
void gateway_take_turns(struct gateway *gateway, uint64_t now);
/* Give up what is held for too long.  Returns when to do so again. */
uint64_t gateway_expire(struct gateway *gateway, uint64_t now);

/* True if something was done with what is held there. */
bool gateway_serve(struct gateway *gateway, struct central *central,
		   size_t index, uint64_t now);
/* What the peripheral answered to the central's request. */
void gateway_answer(struct gateway *gateway, struct central *central,
		    uint8_t *pdu, size_t len);

/* A Write Request to a configuration: as gateway_serve. */
bool gateway_configure(struct gateway *gateway, struct central *central,
		       struct configuration *configuration,
		       const struct held *held, uint64_t now);
/* Which of its configurations have this value: Find By Type Value. */
void gateway_find_configurations(struct gateway *gateway,
				 struct central *central,
				 const struct held *held);
/* The asked Write Request to a configuration is answered; or never will be. */
void gateway_configured(struct gateway *gateway, enum asker by,
			struct central *central, bool done);
void gateway_unconfigure(struct gateway *gateway, struct central *central);
/* Ask for what the peripheral does not have as the centrals want it. */
void gateway_settle(struct gateway *gateway, uint64_t now);
/* A value for whoever wants it. */
void gateway_notify(struct gateway *gateway, uint16_t handle,
		    const uint8_t *value, size_t len);
void gateway_indicate(struct gateway *gateway, const uint8_t *pdu, size_t len,
		      uint64_t now);
/* A central has confirmed; or one may not be waited for any more. */
void gateway_confirmed(struct gateway *gateway, struct central *central,
		       uint64_t now);
void gateway_confirm(struct gateway *gateway);
/* The link has fallen: whoever is to confirm still is. */
void gateway_unindicate(struct gateway *gateway);
uint64_t gateway_expire_indication(struct gateway *gateway, uint64_t now);

/* As gateway_serve. */
bool gateway_prepare(struct gateway *gateway, struct central *central,
		     const struct held *held, uint64_t now);
bool gateway_execute(struct gateway *gateway, struct central *central,
		     const struct held *held, uint64_t now);
/* The peripheral has answered either. */
void gateway_prepared(struct gateway *gateway, uint8_t opcode, bool done,
		      uint64_t now);
/* The central goes; or the link, and the peripheral's queue with it. */
void gateway_unprepare(struct gateway *gateway, struct central *central);
void gateway_queue_lost(struct gateway *gateway);
uint64_t gateway_expire_queue(struct gateway *gateway, uint64_t now);

#endif
