/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verdict of blesec-verify on one subject: facts, checks with reasons, and
 * warnings, printed as a line of JSON or as text for people.
 */
#ifndef BLESEC_VERDICT_H
#define BLESEC_VERDICT_H

#include <stdbool.h>

#include <jansson.h>

#include <openssl/x509.h>

#include "base/diag.h"

struct verdict {
	json_t *json;
	json_t *checks, *warnings;	/* members of json */
	enum status status;		/* STATUS_OK: every check passed */
	bool dated;			/* days_left is valid */
	long days_left;			/* may be negative */
};

/* Free with verdict_free.  Like all functions here, exits if out of memory. */
void verdict_begin(struct verdict *verdict, const char *subject);
void verdict_free(struct verdict *verdict);

/*
 * Add name, pin, tlsa, not_after, days_left and serial; for a request, add no
 * dates.
 */
void verdict_describe(struct verdict *verdict, X509 *cert, bool request);

/* Add the certificates as base64. */
void verdict_chain(struct verdict *verdict, const STACK_OF(X509) *chain);

/*
 * Add a check with its outcome: 1, 0, or -1 if it does not apply or was not
 * asked for.  If it failed, status becomes the status of the verdict; of
 * several failures the gravest counts (verdict_graver).
 */
void verdict_check(struct verdict *verdict, const char *check, int ok,
		   enum status status, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

void verdict_warn(struct verdict *verdict, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The exit status to prefer: local faults are graver than those of the TPM,
 * then those of the link, then those of a certificate.
 */
enum status verdict_graver(enum status a, enum status b);

/*
 * Copy everything but the subject from the JSON of another verdict, which may
 * come from an untrusted process.  If a check in it failed, the status is
 * STATUS_PEER.  Returns false if it is not a verdict.
 */
bool verdict_take(struct verdict *verdict, const char *text, size_t len);

/*
 * Print the verdict on stdout.  Returns STATUS_OK, or STATUS_OTHER on failure.
 */
enum status verdict_print(struct verdict *verdict, bool text);

#endif
