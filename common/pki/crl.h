/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRLs that come from elsewhere: what came, and how it goes together with those
 * that are there.  Pure: no I/O.
 */
#ifndef BLESEC_CRL_H
#define BLESEC_CRL_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/x509.h>

#include "base/limits.h"

#define CRL_FAULT_MAX 400

/*
 * The CRL in DER, or those in PEM, and nothing else than text around them (RFC
 * 7468 section 2).  NULL if it is neither, or there are more than
 * CRL_COUNT_MAX.  To be freed with sk_X509_CRL_pop_free.
 */
STACK_OF(X509_CRL) *crl_parse(const char *data, size_t len);

enum crl_change { CRL_REFUSED, CRL_SAME, CRL_CHANGED };

/*
 * Put those that came, which trust_check_crls has found to be good, into those
 * that are there, each in the place of the one of the same issuer: his name, and
 * signed by his key.
 * CRL_REFUSED, and nothing is changed, if one is older than that (RFC 5280
 * section 5.2.3), with the fault.  What no CA known here has signed goes:
 * nobody is accepted with it.
 */
enum crl_change crl_merge(STACK_OF(X509_CRL) *there,
			  const STACK_OF(X509_CRL) *came,
			  const STACK_OF(X509) *anchors,
			  const STACK_OF(X509) *others,
			  char fault[CRL_FAULT_MAX]);

/* Its number (RFC 5280 section 5.2.3), in hexadecimal; "" if it has none. */
void crl_number(X509_CRL *crl, char text[64]);

#endif
