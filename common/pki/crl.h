/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parse CRLs from outside, and merge them with those we have.  No I/O. */
#ifndef BLESEC_CRL_H
#define BLESEC_CRL_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "base/limits.h"

#define CRL_FAULT_MAX 400

/*
 * Parse one CRL in DER, or several in PEM with nothing but text around them
 * (RFC 7468 section 2).  Returns NULL if it is neither, or if there are more
 * than CRL_COUNT_MAX.  Free with sk_X509_CRL_pop_free.
 */
STACK_OF(X509_CRL) *crl_parse(const char *data, size_t len);

enum crl_change { CRL_REFUSED, CRL_SAME, CRL_CHANGED };

/*
 * Merge new CRLs, which trust_check_crls has accepted, into the current ones.
 * Each replaces the CRL of the same issuer, that is, with the same name and
 * signed by the same key.  Returns CRL_REFUSED with the fault, and changes
 * nothing, if a new CRL is older than the current one (RFC 5280 section 5.2.3).
 * Current CRLs that no known CA has signed are dropped: with them, nobody would
 * be accepted.
 */
enum crl_change crl_merge(STACK_OF(X509_CRL) *there,
			  const STACK_OF(X509_CRL) *came,
			  const STACK_OF(X509) *anchors,
			  const STACK_OF(X509) *others,
			  char fault[CRL_FAULT_MAX]);

/* The CRL number (RFC 5280 section 5.2.3) in hexadecimal; "" if none. */
void crl_number(X509_CRL *crl, char text[64]);

#endif
