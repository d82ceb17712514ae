/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the hub have of each other: hub.c and hub-*.c. */
#ifndef BLESEC_HUB_PART_H
#define BLESEC_HUB_PART_H

#include "hub/carry.h"

#define HUB_GOODBYE_MS 3000	/* until who is in the way is closed */

/* A session whose end is that of the program. */
bool hub_one_peer(const struct hub *hub);

/* End the loop if it is to stop and no peer is left. */
void hub_check_stopped(struct hub *hub);

/* Pair with the peers, from now on. */
void hub_start_pairing(struct hub *hub);

/* It is secured: pair with it, if that is to be done. */
void peer_begin_pairing(struct peer *peer);

/* A message of pair-exchange has come from it. */
void peer_on_pairing(struct peer *peer, const uint8_t *body, size_t len);

/* Its process has something to say, or takes something; a loop_fd_fn. */
void peer_on_worker(short ready, void *peer);

/* When all that it sent is taken: answer its goodbye, or say one if nothing can
 * follow. */
void peer_check_done(struct peer *peer);

/* Say goodbye to it, and listen no more, if a CRL revokes it: true then. */
bool peer_check_revoked(struct peer *peer);

/* Have its process say the goodbye that peer_close was about. */
void peer_tell_close(struct peer *peer);

/* It does not go by itself: close it; a loop_timer_fn. */
void peer_not_closed(void *peer);

/* Without a word: end its process, free it. */
void peer_remove(struct peer *peer);

#endif
