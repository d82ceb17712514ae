/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Long term keys that are to be kept, where bluetoothd does not keep them: one
 * JSON object a line, in /var/lib/blesec/ADDRESS.bonds (mode 0600) of the
 * adapter with that address.
 */
#ifndef BLESEC_BOND_H
#define BLESEC_BOND_H

#include "diag.h"
#include "mgmt.h"

/*
 * Keep the key of a New Long Term Key event that wants to be stored, instead of
 * any other of that device.  Returns STATUS_OK, else STATUS_OTHER having said
 * why.
 */
enum status bond_keep(const bdaddr_t *adapter, const uint8_t *event,
		      size_t len);

/* Forget the keys of a device.  As bond_keep. */
enum status bond_forget(const bdaddr_t *adapter, const bdaddr_t *device);

/*
 * Give the kernel all that is kept for this adapter; what other long term keys
 * it had, it forgets.  Nothing is done if there is none.  As bond_keep.
 */
enum status bond_load(struct mgmt *mgmt, uint16_t index,
		      const bdaddr_t *adapter);

#endif
