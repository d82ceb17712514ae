/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes of a pairing, for pairing.c: which methods may be, what makes its
 * key and link good enough, and how it fails, in words.
 */
#ifndef BLESEC_PAIRING_OUTCOME_H
#define BLESEC_PAIRING_OUTCOME_H

#include "bluetooth/bond.h"
#include "pairing/pair-adapter.h"
#include "pairing/pairing.h"
#include "pairing/pairing-event.h"

struct pairing {
	struct pairing_settings set;
	struct pair_adapter on;

	struct link_address peer;	/* kind LINK_UNIX: not known yet */
	bool initiator, running, displayed, told_method;
	bool met;			/* the peer has answered */
	enum smp_method method;

	/* The key that the link is encrypted with. */
	bool keyed;
	struct ltk ltk;
	struct bond_keys keys;

	int link;			/* to ask for its level; -1: none */
	enum status status;
	struct loop_timer deadline, check, hold, over;
};

/* The peer as most commands begin with it. */
void pairing_peer_address(const struct pairing *pairing,
			  uint8_t params[MGMT_ADDRESS_SIZE]);

/* A command about the peer, with len octets of value; its reply is not asked
 * for. */
void pairing_reply(struct pairing *pairing, uint16_t opcode, const void *value,
		   size_t len);

/* Have the kernel give up Pair Device, if this is the initiator. */
void pairing_cancel_device(struct pairing *pairing);

/*
 * End it: forget what came of it, say why on stderr and in an event.  help is
 * what to do, or "".
 */
void pairing_failed(struct pairing *pairing, enum status status,
		    const char *reason, const char *help);
/* The same for a status of mgmt. */
void pairing_failed_with(struct pairing *pairing, int status);
/* The same at the deadline; a loop_timer_fn. */
void pairing_too_late(void *pairing);

/*
 * Note the method, and tell of it the first time.  False if it is one that may
 * not be: then it has failed, and the peer was told so with the command
 * negative (0: none).
 */
bool pairing_method_allowed(struct pairing *pairing, enum smp_method method,
			    uint16_t negative);

/*
 * The kernel is done: end it with success if the key, and the link as long as
 * it is to hold, are what the settings ask for, else as failed; a
 * loop_timer_fn.
 */
void pairing_check(void *pairing);

#endif
