/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What blesec-verify says of one subject: facts, checks with reasons, and
 * warnings, as a line of JSON or as text for people.
 */
#ifndef BLESEC_VERDICT_H
#define BLESEC_VERDICT_H

#include <stdbool.h>

#include <jansson.h>

#include <openssl/x509.h>

#include "base/diag.h"

struct verdict {
	json_t *json;
	json_t *checks, *warnings;	/* in json */
	enum status status;		/* STATUS_OK: all is good */
	bool dated;			/* days_left is known: */
	long days_left;			/* may be negative */
};

/* Freed with verdict_free.  Exits if there is no memory, as all of this. */
void verdict_begin(struct verdict *verdict, const char *subject);
void verdict_free(struct verdict *verdict);

/*
 * Add name, pin, tlsa, not_after, days_left and serial; no dates with request.
 */
void verdict_describe(struct verdict *verdict, X509 *cert, bool request);

/* Add the certificates as base64. */
void verdict_chain(struct verdict *verdict, const STACK_OF(X509) *chain);

/*
 * Add a check with its outcome: 1, 0, or -1 if it does not apply or was not
 * asked for.  status becomes that of the verdict if the check failed; of
 * several the gravest counts (verdict_graver).
 */
void verdict_check(struct verdict *verdict, const char *check, int ok,
		   enum status status, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

void verdict_warn(struct verdict *verdict, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Which of two exit statuses to end with: faults here count more than those of
 * the TPM, then the link, then a certificate.
 */
enum status verdict_graver(enum status a, enum status b);

/*
 * Take over all but the subject from the JSON of another verdict, which may
 * come from a process that is not trusted; if a check in it failed, the status
 * is STATUS_PEER.  False if it is no verdict.
 */
bool verdict_take(struct verdict *verdict, const char *text, size_t len);

/* Print it on stdout.  Returns STATUS_OK, or STATUS_OTHER if that fails. */
enum status verdict_print(struct verdict *verdict, bool text);

#endif
