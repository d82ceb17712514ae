/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TPM itself, through the TSS's ESYS. */
#ifndef BLESEC_TPM_H
#define BLESEC_TPM_H

#include <stdbool.h>
#include <stddef.h>

#include <tss2/tss2_esys.h>

#include "diag.h"

/* How to reach the TPM, as --tcti says. */
void tpm_set_tcti(const char *tcti);

/* That, else TPM2OPENSSL_TCTI, else TPM2TOOLS_TCTI, else "device:/dev/tpmrm0". */
const char *tpm_tcti(void);

/*
 * Connect to the TPM that tpm_tcti names.  Returns STATUS_OK, or STATUS_TPM; says why if loud.
 * tpm_close frees.
 */
enum status tpm_open(ESYS_CONTEXT **esys, bool loud);
void tpm_close(ESYS_CONTEXT **esys);

/* "IBM SW   TPM, firmware 2019.1023..."; false if no TPM answers. */
bool tpm_describe(char *text, size_t size);

/* Say what went wrong in a command, in words where they are known. */
enum status tpm_fail(const char *what, TSS2_RC rc);

#endif
