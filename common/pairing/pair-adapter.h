/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An adapter that is locked and made fit for one pairing. */
#ifndef BLESEC_PAIR_ADAPTER_H
#define BLESEC_PAIR_ADAPTER_H

#include "bluetooth/adapter.h"
#include "pairing/smp-method.h"

struct pair_adapter {
	struct adapter adapter;
	int lock;
};

/*
 * Lock hciN against other pairings of blesec, and make it fit: on, Secure
 * Connections on, bondable or not.  Beside bluetoothd its IO capability is left
 * alone.  Returns STATUS_OK, else STATUS_LINK or STATUS_REFUSED having said
 * why.
 */
enum status pair_adapter_open(struct pair_adapter *on,
			      const struct link_address *which,
			      enum smp_io io, bool bond);

/* Put back whether it is bondable, but leave it on. */
void pair_adapter_close(struct pair_adapter *on);

/*
 * Forget the keys of a device, and perhaps disconnect it.  Returns the mgmt
 * status.
 */
int pair_unpair(struct adapter *adapter, const struct link_address *peer,
		bool disconnect);

/*
 * Out-of-band data is good for one pairing.  The kernel would use it again: the
 * peer's is cleared, and our own becomes another by being read.
 */
void pair_use_up(struct adapter *adapter);

#endif
