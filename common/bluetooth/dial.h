/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A central's hand: find the peer by name if need be, and connect to it. */
#ifndef BLESEC_DIAL_H
#define BLESEC_DIAL_H

#include "bluetooth/link.h"
#include "base/loop.h"

struct dial;

/* Kept by the dial. */
struct dial_settings {
	struct loop *loop;
	const struct link_address *address;
	const char *adapter;		/* "hciN"; NULL: the first */
	uint32_t timeout_ms;		/* until the link is up */
	/*
	 * What a peer with a known address advertises; it is looked for first
	 * then.  NULL: it is not.
	 */
	void (*on_advertising)(const uint8_t *data, size_t len, void *arg);
	uint16_t busy_psm;		/* where to connect if another program has
					 * ATT here; 0: fail */
	/* One of the two is called for each dial_start. */
	void (*on_link)(int fd, const struct link_address *peer, void *arg);
	void (*on_failed)(enum status status, void *arg);
	void *arg;
};

/*
 * Prepare; on Bluetooth, open the adapter.  Returns STATUS_OK, STATUS_USAGE,
 * STATUS_LINK or STATUS_REFUSED having said why.
 */
enum status dial_new(const struct dial_settings *settings, struct dial **dial);
/* Puts the adapter back as it was found.  NULL is fine. */
void dial_free(struct dial *dial);

void dial_start(struct dial *dial);

/* Connect once more to the peer of the last link, at this PSM. */
void dial_psm(struct dial *dial, uint16_t psm);
/* dial_start once the kernel has let go of the last link to the peer. */
void dial_after_disconnect(struct dial *dial);

/* The number of its adapter; of no meaning on unix. */
uint16_t dial_adapter(const struct dial *dial);
/* It has been unplugged, or was taken away: nothing will come of it. */
bool dial_adapter_gone(const struct dial *dial);
/* Its company identifier of the Assigned Numbers. */
uint16_t dial_manufacturer(const struct dial *dial);
/* Do not put the adapter back: a key in it is for the next program. */
void dial_keep_adapter(struct dial *dial);
/*
 * Links to the peer from now on have an interval of 30 to 50 ms and a
 * supervision timeout of 6 s.
 */
void dial_relax(struct dial *dial);

/* Neither callback will be called any more. */
void dial_cancel(struct dial *dial);

#endif
