/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An adapter's out-of-band data in the kernel: its own, which is valid for one
 * pairing, and that of peers, which the kernel keeps until it is cleared.
 *
 * The kernel does not report whose data it has.  The peers' addresses, which
 * are not secret, are recorded in /run/blesec, so that pairing can require the
 * data to be used, and data that a killed process left behind can be cleared.
 */
#ifndef BLESEC_OOB_MGMT_H
#define BLESEC_OOB_MGMT_H

#include "bluetooth/adapter.h"
#include "pairing/oob.h"

#define OOB_NOTES "/run/blesec"

/*
 * Returns NULL if this adapter can pair with LE Secure Connections and OOB
 * data, else a text that says why not; *help is a hint what to do, or "".  Both
 * are static strings.
 */
const char *oob_obstacle(const struct adapter *adapter, const char **help);

/*
 * Prepare an adapter that is powered: turn on Secure Simple Pairing if it has
 * BR/EDR on, and Secure Connections, but not "only".  Returns STATUS_OK, or
 * STATUS_REFUSED after printing the reason.
 */
enum status oob_prepare(struct adapter *adapter);

/*
 * Generate and read the adapter's own data; data that was read earlier becomes
 * invalid.  The caller clears *oob, which is secret.  Returns STATUS_OK, or
 * STATUS_REFUSED after printing the reason.
 */
enum status oob_read_local(struct adapter *adapter, struct oob *oob);

/* Give a peer's data to the kernel.  Returns as oob_read_local. */
enum status oob_add_remote(struct adapter *adapter, const struct oob *oob);

/* Remove the data of all peers.  Returns as oob_read_local. */
enum status oob_clear_remote(struct adapter *adapter);

/*
 * True if oob_add_remote has added data of this peer (NULL: of any peer) to
 * hciN since the data was last cleared.
 */
bool oob_has_remote(uint16_t index, const bdaddr_t *bdaddr);

#endif
