/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TPM itself, through the TSS's ESYS. */
#ifndef BLESEC_TPM_H
#define BLESEC_TPM_H

#include <stdbool.h>
#include <stddef.h>

#include <tss2/tss2_esys.h>

#include "base/diag.h"
#include "base/limits.h"

/* How to reach the TPM, as --tcti says. */
void tpm_set_tcti(const char *tcti);

/* That, else TPM2OPENSSL_TCTI, else TPM2TOOLS_TCTI, else "device:/dev/tpmrm0". */
const char *tpm_tcti(void);
/* Whether that is a device of the kernel's: no library or daemon beside it. */
bool tpm_is_device(void);

/*
 * For a process that waits for the TPM itself: it ends with STATUS_TIMEOUT,
 * having said so, if the TPM has not answered so many seconds after tpm_await.
 * 0, as at first: it waits.
 */
void tpm_wait_at_most(unsigned int seconds);
/* From here on it is waited for, until all who have called have an answer. */
void tpm_await(void);
void tpm_answered(void);

/*
 * Connect to the TPM that tpm_tcti names.  Returns STATUS_OK, or STATUS_TPM;
 * says why if loud.  tpm_close frees.  It is awaited from the one to the other.
 */
enum status tpm_open(ESYS_CONTEXT **esys, bool loud);
void tpm_close(ESYS_CONTEXT **esys);

/* "IBM SW   TPM, firmware 2019.1023..."; false if no TPM answers. */
bool tpm_describe(char *text, size_t size);

/*
 * Say that what fmt says failed, why, and the way out where one is known: of
 * lockout, full slots, another or a cleared TPM (TCG, "TPM 2.0 Library, Part 2",
 * section 6.6).  esys is the connection there is; NULL if this process has none,
 * as it may want one.  Returns STATUS_TPM.
 */
enum status tpm_fail(ESYS_CONTEXT *esys, TSS2_RC rc, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* It says that a password is wrong, or is wanted. */
bool tpm_auth_failed(TSS2_RC rc);

/*
 * What the TPM said to tpm2-openssl, if that is the oldest in OpenSSL's error
 * queue, which is left as it is; else 0.
 */
TSS2_RC tpm_openssl_rc(void);

#endif
