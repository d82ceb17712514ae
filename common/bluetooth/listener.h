/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A peripheral's ear: the listening socket, and on Bluetooth the adapter and
 * its advertising.
 */
#ifndef BLESEC_LISTENER_H
#define BLESEC_LISTENER_H

#include "bluetooth/advert.h"
#include "bluetooth/link.h"
#include "base/loop.h"

struct listener;

/* Kept by the listener. */
struct listener_settings {
	struct loop *loop;
	const struct link_address *address;	/* unix or adapter */
	bool att;				/* an adapter: listen on ATT */
	uint16_t psm;				/* and, if not 0, at this PSM */
	struct advert advert;
	/* A peer has connected, at peer's PSM; the socket is the callee's. */
	void (*on_link)(int fd, const struct link_address *peer, void *arg);
	/* The adapter has gone. */
	void (*on_lost)(void *arg);
	void *arg;
};

/* Returns STATUS_OK, STATUS_LINK or STATUS_REFUSED having said why. */
enum status listener_start(const struct listener_settings *settings,
			   struct listener **listener);
/* Puts the adapter back as it was found.  NULL is fine. */
void listener_stop(struct listener *listener);

/*
 * Whether to leave new peers waiting; on Bluetooth, unadvertised.  Not at the
 * PSM: who is on ATT may only be on the way there.
 */
void listener_pause(struct listener *listener, bool pause);

/* Where it listens: "unix:PATH" or the adapter's address. */
const char *listener_address(const struct listener *listener);

/* The number of its adapter; of no meaning on unix. */
uint16_t listener_adapter(const struct listener *listener);

#endif
