/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the centrals of a gateway share, because the peripheral has only one
 * client: the one request at a time, Client Characteristic Configurations, in
 * which a bit is set if any central wants it, confirmations, and the queue of
 * prepared writes (Core 5.4 Vol 3 Part F 3.4.6), which belongs to one central
 * from its first Prepare Write until it executes.
 */
#ifndef BLESEC_GATEWAY_SHARE_H
#define BLESEC_GATEWAY_SHARE_H

#include "gateway/gateway-central.h"
#include "gateway/gateway-link.h"
#include "gateway/gateway-view.h"

enum asker {
	ASKER_NOBODY,
	ASKER_CENTRAL,
	ASKER_CONFIGURATION,	/* the gateway, for what all centrals want */
	ASKER_CANCEL,		/* the gateway, to cancel prepared writes */
};

/* Set the first two members, and centrals.set; all others are 0. */
struct gateway_share {
	struct gateway_link *link;
	struct gateway_view *view;
	struct gateway_centrals centrals;

	/* Whose request is unanswered. */
	struct {
		enum asker by;
		struct central *central;	/* NULL if it has gone */
		struct configuration *configuration;	/* it writes, or NULL */
		uint8_t before;		/* the central's bits before that */
	} asked;

	bool unsettled;		/* configurations may differ from what is
				 * wanted */

	/* The indication that has not been confirmed to the peripheral. */
	struct {
		size_t len;	/* 0: none */
		uint8_t pdu[ATT_MTU_OFFERED];
	} indication;

	struct central *preparer;	/* has the peripheral's queue, */
	bool prepared;		/* something is in it */
	uint64_t prepared_at;
	bool cancelling;	/* nobody may use it until this is done */
};

/* Is the first PDU held for the central with the peripheral? */
static inline bool gateway_in_flight(const struct gateway_share *share,
				     const struct central *central)
{
	return share->asked.central == central;
}

/*
 * Send a request, of this central unless it is NULL.  False if not possible
 * now.
 */
bool gateway_ask(struct gateway_share *share, enum asker by,
		 struct central *central, const uint8_t *pdu, size_t len,
		 uint64_t now);
/*
 * The request has been answered; done is false if with an error.  Updates what
 * is shared.  Returns the central that gets the answer, or NULL.
 */
struct central *gateway_share_answered(struct gateway_share *share, bool done,
				       uint64_t now);
/* The link is down. */
void gateway_share_lost(struct gateway_share *share);

/* Undo what a central has done at the peripheral. */
void gateway_share_leave(struct gateway_share *share, struct central *central);
/* Drop the central, or all: the caller is told, and calls gateway_remove. */
void gateway_drop(struct gateway_share *share, struct central *central,
		  bool at_fault, const char *words);
void gateway_drop_all(struct gateway_share *share, const char *words);
/*
 * Give up what has been held or awaited for too long.  Returns when to call
 * again, or GATEWAY_NEVER.
 */
uint64_t gateway_share_expire(struct gateway_share *share, uint64_t now);

/*
 * Serve a Write Request to a configuration, a Prepare Write or an Execute Write
 * Request.  Returns true if it was answered or sent on, false if it has to
 * wait.
 */
bool gateway_configure(struct gateway_share *share, struct central *central,
		       struct configuration *configuration,
		       const struct held *held, uint64_t now);
bool gateway_prepare(struct gateway_share *share, struct central *central,
		     const struct held *held, uint64_t now);
bool gateway_execute(struct gateway_share *share, struct central *central,
		     const struct held *held, uint64_t now);
/* Serve a Find By Type Value Request for configurations. */
void gateway_find_configurations(struct gateway_share *share,
				 struct central *central,
				 const struct held *held);
/* Send what is needed for the peripheral to be as the centrals want it. */
void gateway_settle(struct gateway_share *share, uint64_t now);

/* Pass a value on to the centrals that want it. */
void gateway_notify(struct gateway_share *share, uint16_t handle,
		    const uint8_t *value, size_t len);
void gateway_indicate(struct gateway_share *share, const uint8_t *pdu,
		      size_t len, uint64_t now);
/* A central has confirmed. */
void gateway_confirmed(struct gateway_share *share, struct central *central,
		       uint64_t now);

#endif
