/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What blesec-verify says of one subject: facts, checks with their reasons,
 * warnings; as a line of JSON or as text for people.
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

/* name, pin, tlsa, not_after, days_left, serial; with request, no dates. */
void verdict_describe(struct verdict *verdict, X509 *cert, bool request);

/* More octets of the subject, as base64. */
void verdict_chain(struct verdict *verdict, const STACK_OF(X509) *chain);

/*
 * A check with its outcome: 1, 0 or, if it is not applicable or was not asked
 * for, -1.  status is that of the verdict if it has failed; of several the
 * gravest counts (verdict_graver).
 */
void verdict_check(struct verdict *verdict, const char *check, int ok,
		   enum status status, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

void verdict_warn(struct verdict *verdict, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Of two exit statuses the one to end with: what is wrong here before what is
 * wrong with the TPM, the link, and a certificate.
 */
enum status verdict_graver(enum status a, enum status b);

/*
 * Take over all but the subject from the JSON of another verdict, which may come
 * of a process that is not trusted; where a check in it has failed, the status
 * is STATUS_PEER.  False if it is no verdict.
 */
bool verdict_take(struct verdict *verdict, const char *text, size_t len);

/* On stdout; STATUS_OTHER if that cannot be written, else STATUS_OK. */
enum status verdict_print(struct verdict *verdict, bool text);

#endif
