/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One LE pairing, as initiator or responder, through the management socket.  It
 * succeeds only after the key and the link have been checked.
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
	bool require_oob;	/* refuse other methods */
	bool allow_legacy;	/* allow legacy pairing too */
	bool allow_just_works;
	bool show_keys;
	bool data_added;	/* the caller has added the peer's data, even if
				 * oob_has_remote does not say so */
	bool require_level;	/* fail unless the link is seen at level 4 */
	uint8_t min_key_size;	/* octets, 7 to 16 */
	uint32_t timeout_ms;
	uint32_t hold_ms;	/* how long the link must last after pairing, as
				 * the peer may still reject it */

	/* Called for each event of blesec(7); frees more. */
	void (*on_event)(const char *event, json_t *more, void *arg);
	/*
	 * The method needs the user: on_confirm, to compare number on both
	 * devices, must lead to a call of pairing_confirm; on_passkey, to type
	 * in what the other device displays, to a call of pairing_passkey.
	 * They may make that call themselves.
	 */
	void (*on_confirm)(uint32_t number, void *arg);
	void (*on_passkey)(void *arg);
	/* Called once, at the end; may call pairing_end. */
	void (*on_done)(enum status status, void *arg);
	void *arg;
};

/*
 * Lock and prepare the adapter, as pair_adapter_open; settings are copied.
 * Returns STATUS_OK, or, after printing the reason, STATUS_LINK or
 * STATUS_REFUSED, with *pairing NULL.  The caller frees it with pairing_end.
 */
enum status pairing_begin(const struct pairing_settings *settings,
			  struct pairing **pairing);

/* Cancel a pairing that is running, restore the adapter but leave it powered,
 * and free. */
void pairing_end(struct pairing *pairing);

/* The adapter, for the functions of pairing/oob-mgmt.h. */
struct adapter *pairing_adapter(struct pairing *pairing);

/*
 * Start pairing with this device as the initiator, or wait as the responder for
 * this device (NULL: for any device) to start.  on_done is called when it is
 * over; the pairing fails if it takes longer than timeout_ms.
 */
void pairing_start(struct pairing *pairing, const struct link_address *peer);
void pairing_await(struct pairing *pairing, const struct link_address *peer);

/* Answer on_confirm: true if the numbers are the same. */
void pairing_confirm(struct pairing *pairing, bool yes);
/* Answer on_passkey: 0 to 999999, or -1 if there is none. */
void pairing_passkey(struct pairing *pairing, long passkey);

/* True if the pairing has produced a key. */
bool pairing_keyed(const struct pairing *pairing);

/* End a running pairing now; on_done is called with STATUS_OTHER. */
void pairing_cancel(struct pairing *pairing);

/*
 * Use this socket of the link to check the link's level, instead of opening a
 * new one.  It is duplicated; the caller keeps fd.
 */
void pairing_use_link(struct pairing *pairing, int fd);

#endif
