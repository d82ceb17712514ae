/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The central's side of connecting: find the peer by name if necessary, and
 * connect to it.
 */
#ifndef BLESEC_DIAL_H
#define BLESEC_DIAL_H

#include "bluetooth/link.h"
#include "base/loop.h"

struct dial;

/* The dial keeps a pointer to it; it must outlive the dial. */
struct dial_settings {
	struct loop *loop;
	const struct link_address *address;
	const char *adapter;		/* "hciN"; NULL: lowest number */
	uint32_t timeout_ms;		/* until the link is up */
	/*
	 * Called with the advertising data of a peer whose address is known,
	 * before connecting to it.  NULL: connect without scanning first.
	 */
	void (*on_advertising)(const uint8_t *data, size_t len, void *arg);
	uint16_t busy_psm;		/* PSM to connect to if another program
					 * uses ATT here; 0: fail */
	/* Each dial_start calls one of the two.  fd is the callee's to close;
	 * the reason of a failure has been printed. */
	void (*on_link)(int fd, const struct link_address *peer, void *arg);
	void (*on_failed)(enum status status, void *arg);
	void *arg;
};

/*
 * Create a dial and, for a Bluetooth peer, open the adapter.  Returns
 * STATUS_OK, or, after printing the reason, STATUS_USAGE, STATUS_LINK or
 * STATUS_REFUSED.  The caller frees it with dial_free.
 */
enum status dial_new(const struct dial_settings *settings, struct dial **dial);
/* Restore the adapter's settings and free the dial, which may be NULL. */
void dial_free(struct dial *dial);

/* Connect, after scanning for the peer if that is necessary. */
void dial_start(struct dial *dial);

/* Connect again to the peer of the last link, at this PSM. */
void dial_psm(struct dial *dial, uint16_t psm);
/* Call dial_start once the kernel has closed the last link to the peer. */
void dial_after_disconnect(struct dial *dial);

/* The adapter's number; 0 for a unix peer. */
uint16_t dial_adapter(const struct dial *dial);
/* True if the adapter was unplugged or removed: no link can be made. */
bool dial_adapter_gone(const struct dial *dial);
/* The manufacturer's company identifier (Assigned Numbers). */
uint16_t dial_manufacturer(const struct dial *dial);
/* Leave the adapter on, so that the next program can use the key in it. */
void dial_keep_adapter(struct dial *dial);
/*
 * Have the kernel use a connection interval of 30 to 50 ms and a supervision
 * timeout of 6 s for later links to the peer.
 */
void dial_relax(struct dial *dial);

/* Stop connecting; no callback is called until the next start. */
void dial_cancel(struct dial *dial);

#endif
