/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One LE pairing of an adapter, as its initiator or its responder, through the
 * management socket; nothing is called a success that has not been checked.
 */
#ifndef BLESEC_PAIRING_H
#define BLESEC_PAIRING_H

#include <jansson.h>

#include "bluetooth/adapter.h"
#include "base/loop.h"
#include "pairing/smp-method.h"

struct pairing;

struct pairing_settings {
	struct loop *loop;
	const struct link_address *adapter;	/* LINK_ADAPTER */
	enum smp_io io;
	bool bond;
	bool require_oob;	/* no other method */
	bool allow_legacy;	/* not only Secure Connections */
	bool allow_just_works;
	bool show_keys;
	bool data_added;	/* there is data of the peer, whatever the note
				 * of oob_has_remote says */
	bool require_level;	/* fail unless the link is seen at level 4 */
	uint8_t min_key_size;	/* octets, 7 to 16 */
	uint32_t timeout_ms;
	uint32_t hold_ms;	/* the link must outlast the pairing so long:
				 * the peer may find that it is not good */

	/* "pairing", "key"; takes more over. */
	void (*on_event)(const char *event, json_t *more, void *arg);
	/*
	 * The method needs somebody: to compare number on both devices, then
	 * pairing_confirm, or to type in what the other one displays, then
	 * pairing_passkey.  May be answered at once.
	 */
	void (*on_confirm)(uint32_t number, void *arg);
	void (*on_passkey)(void *arg);
	/* Last of all; may call pairing_end. */
	void (*on_done)(enum status status, void *arg);
	void *arg;
};

/*
 * Lock the adapter and make it fit, as pair_adapter_open.  Returns STATUS_OK,
 * else STATUS_LINK or STATUS_REFUSED having said why, and NULL.
 */
enum status pairing_begin(const struct pairing_settings *settings,
			  struct pairing **pairing);

/* Put back what was changed, but leave the adapter on; free. */
void pairing_end(struct pairing *pairing);

/* For the out-of-band data. */
struct adapter *pairing_adapter(struct pairing *pairing);

/*
 * Pair with this device; or, as the responder, wait for it (NULL: for anybody)
 * to do so.  on_done follows within timeout_ms.
 */
void pairing_start(struct pairing *pairing, const struct link_address *peer);
void pairing_await(struct pairing *pairing, const struct link_address *peer);

void pairing_confirm(struct pairing *pairing, bool yes);
/* passkey: 0 to 999999, or -1 for none. */
void pairing_passkey(struct pairing *pairing, long passkey);

/* Whether a new key has come of it. */
bool pairing_keyed(const struct pairing *pairing);

/* End now: on_done with STATUS_OTHER. */
void pairing_cancel(struct pairing *pairing);

/*
 * Use a socket of the link to check its level, instead of a new one; a copy is
 * made.
 */
void pairing_use_link(struct pairing *pairing, int fd);

#endif
