/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lock an adapter and prepare it for one pairing, and remove the traces of a
 * pairing.
 */
#ifndef BLESEC_PAIR_ADAPTER_H
#define BLESEC_PAIR_ADAPTER_H

#include "bluetooth/adapter.h"
#include "pairing/smp-method.h"

struct pair_adapter {
	struct adapter adapter;
	int lock;
};

/*
 * Lock hciN against other pairings of blesec, power it on, turn on Secure
 * Connections and set whether it is bondable.  Its IO capability is set only if
 * bluetoothd is not running.  Returns STATUS_OK, or, after printing the reason,
 * STATUS_LINK or STATUS_REFUSED.  The caller closes it with pair_adapter_close.
 */
enum status pair_adapter_open(struct pair_adapter *on,
			      const struct link_address *which,
			      enum smp_io io, bool bond);

/* Restore whether it is bondable, leave it powered, and unlock it. */
void pair_adapter_close(struct pair_adapter *on);

/*
 * Remove a device's keys from the store and from the kernel, and disconnect it
 * if disconnect is true.  Returns the mgmt status of Unpair Device, as
 * mgmt_command.
 */
int pair_unpair(struct adapter *adapter, const struct link_address *peer,
		bool disconnect);

/*
 * Out-of-band data is valid for one pairing, but the kernel would use it again.
 * Clear the peers' data, and replace our own by reading it.
 */
void pair_use_up(struct adapter *adapter);

#endif
