/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TPM itself, through the TSS's ESYS. */
#ifndef BLESEC_TPM_H
#define BLESEC_TPM_H

#include <stdbool.h>
#include <stddef.h>

#include <tss2/tss2_esys.h>

#include "base/diag.h"
#include "base/limits.h"

/* Set how to reach the TPM, as --tcti says. */
void tpm_set_tcti(const char *tcti);

/*
 * How to reach it: --tcti, TPM2OPENSSL_TCTI, TPM2TOOLS_TCTI, or
 * "device:/dev/tpmrm0".
 */
const char *tpm_tcti(void);
/*
 * True if that is a device of the kernel, without a library or daemon in
 * between.
 */
bool tpm_is_device(void);

/*
 * Have this process end with STATUS_TIMEOUT, having said so, if the TPM has not
 * answered so many seconds after tpm_await.  With 0, as at first, it waits for
 * ever.
 */
void tpm_wait_at_most(unsigned int seconds);
/* Wait for the TPM from here on, until all callers have called tpm_answered. */
void tpm_await(void);
void tpm_answered(void);

/*
 * Connect to the TPM that tpm_tcti names.  Returns STATUS_OK, or STATUS_TPM,
 * having said why if loud.  tpm_close frees it; the TPM is awaited in between.
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

/* True if the TPM says that a password is wrong or wanted. */
bool tpm_auth_failed(TSS2_RC rc);

/*
 * What the TPM said to tpm2-openssl, if that is the oldest error in OpenSSL's
 * queue, which is left as it is; else 0.
 */
TSS2_RC tpm_openssl_rc(void);

#endif
