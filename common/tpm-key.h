/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making a key in the TPM, and the file that names it. */
#ifndef BLESEC_TPM_KEY_H
#define BLESEC_TPM_KEY_H

#include <stdio.h>

#include "diag.h"

/* TCG, "Registry of Reserved TPM 2.0 Handles": the storage root key. */
#define TPM_KEY_PARENT 0x81000001U

/*
 * Make an ECDSA P-256 key under the persistent parent (made too if there is
 * none), and write it to file as a PEM "TSS2 PRIVATE KEY".
 *
 * The key signs only; it has no dictionary-attack protection, because it has
 * no password: with it, a few dozen power cuts would lock a device out of its
 * own key.  Returns STATUS_OK, STATUS_TPM or STATUS_OTHER, having said why.
 */
enum status tpm_key_make(FILE *file);

#endif
