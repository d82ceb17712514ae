/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to the TPM through ESYS of the TSS. */
#ifndef BLESEC_TPM_H
#define BLESEC_TPM_H

#include <stdbool.h>
#include <stddef.h>

#include <tss2/tss2_esys.h>

#include "base/diag.h"
#include "base/limits.h"

/* Set how to reach the TPM, as given with --tcti. */
void tpm_set_tcti(const char *tcti);

/*
 * The TCTI in use: --tcti, TPM2OPENSSL_TCTI, TPM2TOOLS_TCTI, or
 * "device:/dev/tpmrm0".
 */
const char *tpm_tcti(void);
/*
 * True if the TCTI is a device of the kernel, without a library or daemon in
 * between.
 */
bool tpm_is_device(void);

/*
 * Make this process exit with STATUS_TIMEOUT and a message if the TPM has not
 * answered this many seconds after tpm_await.  With 0, the default, it waits
 * for ever.
 */
void tpm_wait_at_most(unsigned int seconds);
/* Start waiting for the TPM; ends when every caller has called tpm_answered. */
void tpm_await(void);
void tpm_answered(void);

/*
 * Connect to the TPM that tpm_tcti names.  Returns STATUS_OK, or STATUS_TPM,
 * after saying why if loud is set.  Close the connection with tpm_close; the
 * TPM is awaited in between.
 */
enum status tpm_open(ESYS_CONTEXT **esys, bool loud);
void tpm_close(ESYS_CONTEXT **esys);

/* "IBM SW   TPM, firmware 2019.1023..."; false if no TPM answers. */
bool tpm_describe(char *text, size_t size);

/*
 * Say that what fmt names failed, why, and the way out if there is one: for
 * lockout, full slots, another or a cleared TPM (TCG, "TPM 2.0 Library, Part
 * 2", section 6.6).  esys is the open connection; NULL if there is none, then
 * one is made if needed.  Returns STATUS_TPM.
 */
enum status tpm_fail(ESYS_CONTEXT *esys, TSS2_RC rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* True if the TPM reports that a password is wrong or required. */
bool tpm_auth_failed(TSS2_RC rc);

/*
 * The response code from the TPM to tpm2-openssl if that is the oldest error in
 * OpenSSL's queue, which is left as it is; else 0.
 */
TSS2_RC tpm_openssl_rc(void);

#endif
