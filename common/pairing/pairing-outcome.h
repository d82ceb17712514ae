/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The outcome of a pairing, for pairing.c only: decide which methods are
 * allowed and whether key and link are good enough, and report failures.
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

	struct link_address peer;	/* kind not LINK_DEVICE: unknown yet */
	bool initiator, running, displayed, told_method;
	bool met;			/* the peer has answered */
	enum smp_method method;

	/* The key with which the link is encrypted. */
	bool keyed;
	struct ltk ltk;
	struct bond_keys keys;

	int link;			/* to get the level from; -1: none */
	enum status status;
	struct loop_timer deadline, check, hold, over;
};

/* Write the peer's address and type, with which most commands begin. */
void pairing_peer_address(const struct pairing *pairing,
			  uint8_t params[MGMT_ADDRESS_SIZE]);

/* Send a command with the peer's address and len octets of value (at most 4).
 * The status of its reply is ignored. */
void pairing_reply(struct pairing *pairing, uint16_t opcode, const void *value,
		   size_t len);

/* Cancel Pair Device if this side is the initiator. */
void pairing_cancel_device(struct pairing *pairing);

/*
 * End the pairing as failed: remove the keys and the link that it produced, and
 * report the reason on stderr and in an event.  help is a hint what to do, or
 * "".
 */
void pairing_failed(struct pairing *pairing, enum status status,
		    const char *reason, const char *help);
/* As pairing_failed, for a mgmt status. */
void pairing_failed_with(struct pairing *pairing, int status);
/* As pairing_failed, at the deadline; a loop_timer_fn. */
void pairing_too_late(void *pairing);

/*
 * Record the method and report it once.  If the settings do not allow it, send
 * the negative reply to the kernel (0: none), end the pairing as failed and
 * return false.
 */
bool pairing_method_allowed(struct pairing *pairing, enum smp_method method,
			    uint16_t negative);

/*
 * Check the result after the kernel has finished; a loop_timer_fn.  The pairing
 * succeeds if the key is as the settings require and the link holds for
 * hold_ms, and fails otherwise.
 */
void pairing_check(void *pairing);

#endif
