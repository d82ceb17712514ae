/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pair with the peers of a hub, over their channels. */
#ifndef BLESEC_HUB_PAIRING_H
#define BLESEC_HUB_PAIRING_H

#include "hub/peer.h"
#include "pairing/pair-exchange.h"

/* All zero: do not pair. */
struct hub_pairing {
	struct pair_exchange *exchange;		/* NULL: do not pair */
	struct pair_exchange_settings set;
};

/* Pair with the peers from now on; stop pairing with the ones to come. */
void hub_pairing_start(struct hub_pairing *pairing, struct loop *loop,
		       const struct hub_settings *settings);
void hub_pairing_stop(struct hub_pairing *pairing);

/* The peer is secured: pair with it if wanted. */
void hub_pairing_begin(const struct hub_pairing *pairing, struct peer *peer);

/* Handle a pair-exchange message from the peer. */
void hub_pairing_receive(const struct hub_pairing *pairing, struct peer *peer,
			 const uint8_t *body, size_t len);

/* The peer is gone.  Returns true if it was being paired. */
bool hub_pairing_forget(const struct hub_pairing *pairing, struct peer *peer);

#endif
