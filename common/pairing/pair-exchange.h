/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pairing over the channel: out-of-band data is exchanged with peers whose
 * certificates have been accepted, and the link paired with it.  One peer at a
 * time; others wait.  blesec-protocol(7), PAIRING.
 */
#ifndef BLESEC_PAIR_EXCHANGE_H
#define BLESEC_PAIR_EXCHANGE_H

#include <jansson.h>

#include "bluetooth/link.h"
#include "base/loop.h"
#include "base/role.h"

/* First octet of a CHANNEL_OOB message. */
enum pair_step {
	PAIR_OFFER = 1,		/* flags, address, type, role, confirm, rand */
	PAIR_READY = 2,		/* the other's data is in the kernel */
	PAIR_RESULT = 3,	/* one octet: 0 if the link is as promised */
	PAIR_REFUSE = 4,	/* one octet, enum pair_refusal */
};

enum pair_refusal {
	PAIR_UNWANTED = 1,	/* not asked to pair here */
	PAIR_BOND_DIFFERS = 2,
	PAIR_WRONG_ADDRESS = 3,	/* address, type or role is not the link's */
	PAIR_UNABLE = 4,	/* the adapter, or the kernel */
};

#define PAIR_MESSAGE_MAX 42

/* True if a message has the length of its step. */
bool pair_message_valid(const uint8_t *body, size_t len);

struct pair_exchange_settings {
	struct loop *loop;
	enum role role;
	bool bond;
	/* peer is what pair_exchange_begin was given. */
	void (*send)(void *peer, const uint8_t *body, size_t len);
	/* As pairing_settings.on_event. */
	void (*on_event)(void *peer, const char *event, json_t *more);
	/*
	 * It is over: STATUS_OK if both sides have checked the link and found
	 * it paired; else reason says why, in words.
	 */
	void (*on_done)(void *peer, enum status status, const char *reason);
};

struct pair_exchange;

/* settings are kept.  Never NULL. */
struct pair_exchange *pair_exchange_new(
	const struct pair_exchange_settings *settings);
void pair_exchange_free(struct pair_exchange *exchange);

/*
 * This peer is secured: begin, as the central, or await its offer.  address is
 * the link's, of which link is a socket that stays open until
 * pair_exchange_forget; adapter is hciN.
 */
void pair_exchange_begin(struct pair_exchange *exchange, void *peer,
			 const struct link_address *address, uint16_t adapter,
			 int link);

/* A valid message of the peer. */
void pair_exchange_receive(struct pair_exchange *exchange, void *peer,
			   const uint8_t *body, size_t len);

/* The peer has gone.  True if that was in the midst of it. */
bool pair_exchange_forget(struct pair_exchange *exchange, void *peer);

#endif
