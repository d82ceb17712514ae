/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signature of a Signed Write Command (Core 5.4 Vol 3 Part C 10.4, Part H
 * 2.4.5): AES-CMAC with the key that the peer sent when it was paired.
 */
#ifndef BLESEC_GATT_SIGNATURE_H
#define BLESEC_GATT_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "att/att.h"

/*
 * Have OpenSSL load AES-CMAC. gatt_signature_verify does so itself, but the
 * first time this may need more than a confined process is allowed.  May be
 * called again.  False if this OpenSSL has no CMAC with AES.
 */
bool gatt_signature_prepare(void);

/*
 * Whether the signature of the message (the PDU up to its signature, opcode
 * included) was made with csrk.  All are least significant octet first, as they
 * come over the air and as the kernel reports keys.  If so, counter is set to
 * the signature's; the caller must refuse one that was used before
 * (bond_signing_accepts).  A message longer than ATT_PDU_MAX is not accepted.
 */
bool gatt_signature_verify(const uint8_t csrk[16], const uint8_t *message,
			   size_t len,
			   const uint8_t signature[ATT_SIGNATURE_SIZE],
			   uint32_t *counter);

#endif
