/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pairing over the channel, see blesec-protocol(7), PAIRING: exchange
 * out-of-band data with peers whose certificates have been accepted, and pair
 * with it.  One peer is paired at a time; others wait.
 */
#ifndef BLESEC_PAIR_EXCHANGE_H
#define BLESEC_PAIR_EXCHANGE_H

#include <jansson.h>

#include "bluetooth/link.h"
#include "base/loop.h"
#include "base/role.h"

/* The first octet of a CHANNEL_OOB message, and what follows it. */
enum pair_step {
	PAIR_OFFER = 1,		/* flags, address, type, role, confirm, rand */
	PAIR_READY = 2,		/* the sender's kernel has the other's data */
	PAIR_RESULT = 3,	/* one octet: 0 if paired as agreed */
	PAIR_REFUSE = 4,	/* one octet, enum pair_refusal */
};

enum pair_refusal {
	PAIR_UNWANTED = 1,	/* this side was not asked to pair */
	PAIR_BOND_DIFFERS = 2,
	PAIR_WRONG_ADDRESS = 3,	/* address, type or role is not the link's */
	PAIR_UNABLE = 4,	/* the adapter or the kernel cannot */
};

#define PAIR_MESSAGE_MAX 42	/* octets */

/* True if the step is known and the message has that step's length. */
bool pair_message_valid(const uint8_t *body, size_t len);

struct pair_exchange_settings {
	struct loop *loop;
	enum role role;
	bool bond;
	/* peer is what pair_exchange_begin was given. */
	void (*send)(void *peer, const uint8_t *body, size_t len);
	/* As pairing_settings.on_event; more is the callee's to free. */
	void (*on_event)(void *peer, const char *event, json_t *more);
	/*
	 * The exchange with peer has ended: STATUS_OK if both sides have
	 * checked that the link is paired, else reason is a text that says why.
	 */
	void (*on_done)(void *peer, enum status status, const char *reason);
};

struct pair_exchange;

/* Never returns NULL.  Keeps a pointer to settings, which must outlive it.  The
 * caller frees it with pair_exchange_free. */
struct pair_exchange *pair_exchange_new(
	const struct pair_exchange_settings *settings);
void pair_exchange_free(struct pair_exchange *exchange);

/*
 * Add a peer whose certificate has been accepted: a central begins when it is
 * the peer's turn, a peripheral waits for the offer.  address is the peer's,
 * adapter the N of hciN, and link a socket of the link, which the caller keeps
 * open until pair_exchange_forget.
 */
void pair_exchange_begin(struct pair_exchange *exchange, void *peer,
			 const struct link_address *address, uint16_t adapter,
			 int link);

/* Handle a message of the peer for which pair_message_valid is true. */
void pair_exchange_receive(struct pair_exchange *exchange, void *peer,
			   const uint8_t *body, size_t len);

/* Remove a peer that has gone.  Returns true if this interrupts its pairing. */
bool pair_exchange_forget(struct pair_exchange *exchange, void *peer);

#endif
