/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The peripheral's side of connecting: the listening sockets and, on Bluetooth,
 * the adapter and its advertising.
 */
#ifndef BLESEC_LISTENER_H
#define BLESEC_LISTENER_H

#include "bluetooth/advert.h"
#include "bluetooth/link.h"
#include "base/loop.h"

struct listener;

/* The listener keeps a pointer to it; it must outlive the listener. */
struct listener_settings {
	struct loop *loop;
	const struct link_address *address;	/* unix or adapter */
	bool att;				/* adapter: listen for ATT */
	uint16_t psm;				/* adapter: and here; 0: no */
	struct advert advert;
	/* A peer has connected, at peer->psm.  fd is the callee's to close. */
	void (*on_link)(int fd, const struct link_address *peer, void *arg);
	/* The adapter has been removed. */
	void (*on_lost)(void *arg);
	void *arg;
};

/*
 * Open the sockets and start advertising.  Returns STATUS_OK, or, after
 * printing the reason, STATUS_LINK or STATUS_REFUSED.  The caller frees it with
 * listener_stop.
 */
enum status listener_start(const struct listener_settings *settings,
			   struct listener **listener);
/*
 * Close the sockets, restore the adapter's settings and free the listener,
 * which may be NULL.
 */
void listener_stop(struct listener *listener);

/*
 * Stop or resume accepting peers; on Bluetooth, this also stops or resumes
 * advertising.  The PSM still accepts: a peer that is connected over ATT may be
 * about to connect there.
 */
void listener_pause(struct listener *listener, bool pause);

/* The address it listens on: "unix:PATH" or the adapter's address.  Valid until
 * listener_stop. */
const char *listener_address(const struct listener *listener);

/* The adapter's number; 0 on unix. */
uint16_t listener_adapter(const struct listener *listener);

#endif
