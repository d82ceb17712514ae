/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pairing with the peers of a hub, over their channels. */
#ifndef BLESEC_HUB_PAIRING_H
#define BLESEC_HUB_PAIRING_H

#include "hub/peer.h"
#include "pairing/pair-exchange.h"

/* All zero: peers are not paired with. */
struct hub_pairing {
	struct pair_exchange *exchange;		/* NULL: do not pair */
	struct pair_exchange_settings set;
};

/* Pair with the peers, from now on; with those to come no more. */
void hub_pairing_start(struct hub_pairing *pairing, struct loop *loop,
		       const struct hub_settings *settings);
void hub_pairing_stop(struct hub_pairing *pairing);

/* It is secured: pair with it, if that is to be done. */
void hub_pairing_begin(const struct hub_pairing *pairing, struct peer *peer);

/* A message of pair-exchange has come from it. */
void hub_pairing_receive(const struct hub_pairing *pairing, struct peer *peer,
			 const uint8_t *body, size_t len);

/* It has gone: whether in the midst of pairing. */
bool hub_pairing_forget(const struct hub_pairing *pairing, struct peer *peer);

#endif
