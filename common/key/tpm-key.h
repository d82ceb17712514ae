/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of a key in the TPM, and what the TPM reports about the key. */
#ifndef BLESEC_TPM_KEY_H
#define BLESEC_TPM_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <tss2/tss2_tpm2_types.h>

#include "base/diag.h"

/*
 * Write the two halves of a key to file as a PEM "TSS2 PRIVATE KEY" (draft
 * "ASN.1 Specification for TPM 2.0 Key Files").  parent is the handle of the
 * persistent parent.  Returns STATUS_OK, or STATUS_OTHER after saying why.
 */
enum status tpm_key_write(FILE *file, uint32_t parent, bool has_auth,
			  const TPM2B_PUBLIC *public,
			  const TPM2B_PRIVATE *private);

/*
 * Have the TPM load the key in this file, and return the TPM's response code,
 * which OpenSSL hides.  Returns 0 if the key loads, if there is none, or if its
 * parent is not persistent in the TPM.
 */
TSS2_RC tpm_key_try(const char *path);

#define TPM_KEY_FAULT_MAX 300

/*
 * Is where, a path to a PEM file or "handle:0x81...", a key of this TPM?  Have
 * the TPM load it and show what it is.  *fault is empty if it was made in the
 * TPM and cannot leave it (fixedTPM, fixedParent, sensitiveDataOrigin), and else
 * says what is missing; *imported is true if it was made elsewhere and still
 * cannot leave it, as what tpm_key_make takes in.
 * Returns STATUS_OK; STATUS_IDENTITY (no such file, or one whose parent is not
 * kept in the TPM) or STATUS_TPM, having said why.
 */
enum status tpm_key_judge(const char *where, char fault[TPM_KEY_FAULT_MAX],
			  bool *imported);

#endif
