/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the centrals of a gateway share, the peripheral having one client: its
 * requests, its Client Characteristic Configurations, which are what any of
 * them wants, its confirmations, and the queue of prepared writes (Core 5.4
 * Vol 3 Part F 3.4.6), which a central that has begun has for itself until it
 * executes.
 */
#ifndef BLESEC_GATEWAY_SHARE_H
#define BLESEC_GATEWAY_SHARE_H

#include "gateway/gateway-central.h"
#include "gateway/gateway-link.h"
#include "gateway/gateway-view.h"

enum asker {
	ASKER_NOBODY,
	ASKER_CENTRAL,
	ASKER_CONFIGURATION,	/* the gateway: what all centrals want now */
	ASKER_CANCEL,		/* the gateway: what was prepared */
};

/* Set the first two members, and centrals.set; all others are 0. */
struct gateway_share {
	struct gateway_link *link;
	struct gateway_view *view;
	struct gateway_centrals centrals;

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

/* Has the peripheral the first PDU that is held of the central? */
static inline bool gateway_in_flight(const struct gateway_share *share,
				     const struct central *central)
{
	return share->asked.central == central;
}

/* Send a request, of this central if it is one's.  False: not now. */
bool gateway_ask(struct gateway_share *share, enum asker by,
		 struct central *central, const uint8_t *pdu, size_t len,
		 uint64_t now);
/*
 * It is answered, done or with an error: settle what is shared.  Returns the
 * central that is to have the answer, or NULL.
 */
struct central *gateway_share_answered(struct gateway_share *share, bool done,
				       uint64_t now);
/* The link has fallen. */
void gateway_share_lost(struct gateway_share *share);

/* Undo what a central has done at the peripheral. */
void gateway_share_leave(struct gateway_share *share, struct central *central);
/* Have the central, or all, dropped. */
void gateway_drop(struct gateway_share *share, struct central *central,
		  bool at_fault, const char *words);
void gateway_drop_all(struct gateway_share *share, const char *words);
/*
 * Give up what is held, or waited for, for too long.  Returns when to do so
 * again, or GATEWAY_NEVER.
 */
uint64_t gateway_share_expire(struct gateway_share *share, uint64_t now);

/*
 * A Write Request to a configuration, a Prepare Write or an Execute Write
 * Request: true if it was answered or is asked, false if it is to wait.
 */
bool gateway_configure(struct gateway_share *share, struct central *central,
		       struct configuration *configuration,
		       const struct held *held, uint64_t now);
bool gateway_prepare(struct gateway_share *share, struct central *central,
		     const struct held *held, uint64_t now);
bool gateway_execute(struct gateway_share *share, struct central *central,
		     const struct held *held, uint64_t now);
/* Which of its configurations have this value: Find By Type Value. */
void gateway_find_configurations(struct gateway_share *share,
				 struct central *central,
				 const struct held *held);
/* Ask for what the peripheral does not have as the centrals want it. */
void gateway_settle(struct gateway_share *share, uint64_t now);

/* A value for whoever wants it. */
void gateway_notify(struct gateway_share *share, uint16_t handle,
		    const uint8_t *value, size_t len);
void gateway_indicate(struct gateway_share *share, const uint8_t *pdu,
		      size_t len, uint64_t now);
/* A central has confirmed. */
void gateway_confirmed(struct gateway_share *share, struct central *central,
		       uint64_t now);

#endif
