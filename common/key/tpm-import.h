/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A software key into the TPM. */
#ifndef BLESEC_TPM_IMPORT_H
#define BLESEC_TPM_IMPORT_H

#include <tss2/tss2_esys.h>

#include "key/tpm-key.h"

/*
 * Have the TPM wrap the EC key (P-256 or P-384) of the PEM file wish->import
 * under the parent (TCG, "TPM 2.0 Library, Part 3", TPM2_Import).  public comes
 * with the attributes of the key to be made; what is of this key is filled in.
 * An encrypted file has the password that the key gets, wish->auth.
 *
 * Returns STATUS_OK and a private half that Esys_Free frees; STATUS_IDENTITY
 * (the file) or STATUS_TPM, having said why.
 */
enum status tpm_import(ESYS_CONTEXT *esys, ESYS_TR parent,
		       const struct tpm_key_wish *wish, TPM2B_PUBLIC *public,
		       TPM2B_PRIVATE **private);

#endif
