/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Keys of devices that are to be kept, where bluetoothd does not keep them: one
 * JSON object a line, in ADDRESS.bonds (mode 0600) of the adapter with that
 * address, in the first directory that STATE_DIRECTORY names or in
 * /var/lib/blesec.  blesec-oob(1), FILES, says what is in it.
 *
 * Of each device there is one long term key; with it, if the device gave it,
 * the key by which it signs (CSRK), and how far its counter is.
 */
#ifndef BLESEC_BOND_H
#define BLESEC_BOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "bluetooth/mgmt.h"

/* As they stand in the events: address, type, and what belongs to the key. */
#define BOND_LTK_SIZE (MGMT_ADDRESS_SIZE + 3 + 2 + 8 + 16)
#define BOND_CSRK_SIZE (MGMT_ADDRESS_SIZE + 1 + 16)

/* What one pairing brought; all zero: nothing. */
struct bond_keys {
	bool ltk_known, csrk_known;
	uint8_t ltk[BOND_LTK_SIZE];
	uint8_t csrk[BOND_CSRK_SIZE];
};

/*
 * Take the key of a New Long Term Key or New Signature Resolving Key event, in
 * whatever order they come; nothing if it is not to be stored, is not the
 * peer's, or of another event.  The last one of a kind counts.  Secret: cleanse
 * the keys when they are no longer needed.
 */
void bond_take(struct bond_keys *keys, uint16_t event, const uint8_t *data,
	       size_t len);

/*
 * Keep these instead of all that was kept of that device, its counter too;
 * nothing is done if there is no long term key.  Returns STATUS_OK, else
 * STATUS_OTHER having said why.
 */
enum status bond_keep(const bdaddr_t *adapter, const struct bond_keys *keys);

/* Forget the keys of a device.  As bond_keep. */
enum status bond_forget(const bdaddr_t *adapter, const bdaddr_t *device);

/*
 * Give the kernel all that is kept for this adapter; what other long term keys
 * it had, it forgets.  Nothing is done if there is none.  As bond_keep.
 */
enum status bond_load(struct mgmt *mgmt, uint16_t index,
		      const bdaddr_t *adapter);

struct bond_signing {
	uint8_t csrk[16];	/* least significant octet first; secret */
	bool authenticated;
	uint32_t next;		/* least counter that is accepted */
};

/*
 * Whether a signature with this counter may be accepted.  The last of all
 * counters never is: there would be none after it.
 */
static inline bool bond_signing_accepts(const struct bond_signing *signing,
					uint32_t counter)
{
	return counter >= signing->next && counter != UINT32_MAX;
}

/*
 * Whether a device is bonded with this address and type, whether it then gave a
 * key to sign with, and how it signs; all zero if not.  As bond_keep.
 */
enum status bond_signing(const bdaddr_t *adapter, const bdaddr_t *device,
			 uint8_t type, bool *bonded, bool *signs,
			 struct bond_signing *signing);

/*
 * From now on accept no counter of this device below next, which is one more
 * than the one that was accepted.  It never goes back.  On the disk when this
 * returns STATUS_OK.  Else what was signed must not be accepted: STATUS_REFUSED
 * if another session has accepted that counter meanwhile, or, as bond_keep,
 * STATUS_OTHER, also if it is not known how the device signs.
 */
enum status bond_counter(const bdaddr_t *adapter, const bdaddr_t *device,
			 uint8_t type, uint32_t next);

#endif
