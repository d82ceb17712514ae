/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Store the keys of bonded devices where bluetoothd does not.  The file is
 * ADDRESS.bonds (mode 0600), where ADDRESS is the adapter's, in the first
 * directory of STATE_DIRECTORY or in /var/lib/blesec.  It has one JSON object
 * per line, which blesec-oob(1) describes under FILES.
 *
 * Each device has one long term key.  If the device distributed its signature
 * key (CSRK), that key and the lowest acceptable sign counter are stored too.
 */
#ifndef BLESEC_BOND_H
#define BLESEC_BOND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "bluetooth/mgmt.h"

/* Octets of a key in its event: address, type, and the key's own fields. */
#define BOND_LTK_SIZE (MGMT_ADDRESS_SIZE + 3 + 2 + 8 + 16)
#define BOND_CSRK_SIZE (MGMT_ADDRESS_SIZE + 1 + 16)

/* The keys that one pairing produced; all zero if there are none. */
struct bond_keys {
	bool ltk_known, csrk_known;
	uint8_t ltk[BOND_LTK_SIZE];
	uint8_t csrk[BOND_CSRK_SIZE];
};

/*
 * Copy the key of a New Long Term Key or New Signature Resolving Key event to
 * keys.  The events may come in any order; a later key replaces an earlier one
 * of its kind.  Other events, keys whose store hint is 0 and local signature
 * keys are ignored.  The keys are secret: the caller cleanses them.
 */
void bond_take(struct bond_keys *keys, uint16_t event, const uint8_t *data,
	       size_t len);

/*
 * Store these keys for a device; they replace all that was stored for it,
 * including its sign counter.  Does nothing if there is no long term key.
 * Returns STATUS_OK, or STATUS_OTHER after printing the reason.
 */
enum status bond_keep(const bdaddr_t *adapter, const struct bond_keys *keys);

/* Remove the stored keys of a device.  Returns as bond_keep. */
enum status bond_forget(const bdaddr_t *adapter, const bdaddr_t *device);

/*
 * Load all long term keys that are stored for this adapter into the kernel,
 * which drops all others of the adapter.  Does nothing if none are stored.
 * Returns as bond_keep.
 */
enum status bond_load(struct mgmt *mgmt, uint16_t index,
		      const bdaddr_t *adapter);

struct bond_signing {
	uint8_t csrk[16];	/* least significant octet first; secret */
	bool authenticated;
	uint32_t next;		/* lowest counter that is accepted */
};

/*
 * True if a signature with this counter may be accepted.  The highest counter
 * never is, because no counter follows it.
 */
static inline bool bond_signing_accepts(const struct bond_signing *signing,
					uint32_t counter)
{
	return counter >= signing->next && counter != UINT32_MAX;
}

/*
 * Look up a device by address and type: *bonded is true if keys are stored for
 * it, *signs if they include a signature key, which is then in *signing.  What
 * is not stored is set to false or zero.  The caller cleanses *signing.
 * Returns as bond_keep.
 */
enum status bond_signing(const bdaddr_t *adapter, const bdaddr_t *device,
			 uint8_t type, bool *bonded, bool *signs,
			 struct bond_signing *signing);

/*
 * Store that counters of this device below next are no longer accepted; next is
 * the counter just seen plus one, and can only grow.  The value is on the disk
 * when this returns STATUS_OK.  If it returns anything else, the signed message
 * must not be accepted: STATUS_REFUSED means that another session has accepted
 * this counter meanwhile, STATUS_OTHER any other failure, including that no
 * signature key is stored for the device.  The reason has been printed.
 */
enum status bond_counter(const bdaddr_t *adapter, const bdaddr_t *device,
			 uint8_t type, uint32_t next);

#endif
