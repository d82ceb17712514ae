/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The out-of-band data of an adapter, in the kernel: its own, which is good for
 * one pairing, and that of others, which is kept until it is cleared.
 *
 * The kernel does not tell whose data it has.  The addresses (nothing secret)
 * are noted in /run/blesec, so that pairing can insist on the data being used,
 * and so that what a process that was killed left behind can be cleared.
 */
#ifndef BLESEC_OOB_MGMT_H
#define BLESEC_OOB_MGMT_H

#include "bluetooth/adapter.h"
#include "pairing/oob.h"

#define OOB_NOTES "/run/blesec"

/*
 * NULL if this adapter can pair with LE Secure Connections and OOB data, else
 * what is in the way, in words; *help is what to do, or "".
 */
const char *oob_obstacle(const struct adapter *adapter, const char **help);

/*
 * Make the adapter, which is on, fit for it: Secure Simple Pairing on if it has
 * BR/EDR, Secure Connections on, not "only".  Returns STATUS_OK, else
 * STATUS_REFUSED having said why.
 */
enum status oob_prepare(struct adapter *adapter);

/*
 * Fresh data of the adapter itself; what was read before is void.  Returns STATUS_OK, else STATUS_REFUSED having said why.
 */
enum status oob_read_local(struct adapter *adapter, struct oob *oob);

/* Give the kernel the data of a peer.  As oob_read_local. */
enum status oob_add_remote(struct adapter *adapter, const struct oob *oob);

/* Remove the data of all peers.  As oob_read_local. */
enum status oob_clear_remote(struct adapter *adapter);

/*
 * Whether oob_add_remote gave hciN data of this peer (NULL: of any) since it
 * was last cleared.
 */
bool oob_has_remote(uint16_t index, const bdaddr_t *bdaddr);

#endif
