/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trusted CAs, and the lists of certificates they have revoked (CRLs). */
#ifndef BLESEC_TRUST_H
#define BLESEC_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/diag.h"

#define TRUST_FAULT_MAX 400	/* characters, including the NUL */

/* Most certificates in a verified chain, including the leaf and the CA. */
#define TRUST_CHAIN_MAX (CERT_CHAIN_MAX + 2)

/*
 * Identifies a certificate in a CRL.  The hash covers the issuer's name in its
 * canonical form for comparison (RFC 5280 section 7.1).  It is short, but for a
 * false match two trusted CAs would need the same hash and the same serial
 * number.  A serial number has at most 20 octets (section 4.1.2.2).
 */
struct trust_id {
	uint32_t issuer;
	uint8_t serial[20];
	uint8_t len;		/* of serial */
	uint8_t negative;	/* 0 or 1; negative serial numbers exist */
};

/* A copy of the certificate whose key is looked up in libctx, or NULL. */
X509 *trust_adopt(OSSL_LIB_CTX *libctx, X509 *cert);

/*
 * Add copies of the CAs and the CRLs (NULL: none) to the store, for libctx
 * (NULL: the default one).  Returns false if out of memory.
 */
bool trust_fill(X509_STORE *store, OSSL_LIB_CTX *libctx,
		const STACK_OF(X509) *anchors,
		const STACK_OF(X509_CRL) *crls);

/*
 * Read all CRLs of a PEM file.  Returns NULL after diag_error if the file
 * cannot be read, has no CRL, or has one that cannot be read.  Free with
 * sk_X509_CRL_pop_free.
 */
STACK_OF(X509_CRL) *trust_read_crls(const char *path);

/*
 * The CA among these (may be NULL) whose key signed the CRL, whether it may or
 * not; NULL if there is none.
 */
X509 *trust_crl_signer(X509_CRL *crl, const STACK_OF(X509) *cas);

/*
 * True if every CRL is complete, is signed by one of the given CAs (others may
 * be NULL) that may sign CRLs, and is neither early nor stale by our clock.
 * Otherwise the fault says what is wrong with the first bad one.
 */
bool trust_check_crls(const STACK_OF(X509_CRL) *crls,
		      const STACK_OF(X509) *anchors,
		      const STACK_OF(X509) *others,
		      char fault[TRUST_FAULT_MAX]);

/* Returns false if the serial number is too long. */
bool trust_cert_id(const X509 *cert, struct trust_id *id);

/*
 * True if one of the CRLs revokes one of the certificates, leaf first; words
 * then say which, when and why.
 */
bool trust_revoked(const STACK_OF(X509_CRL) *crls, const struct trust_id *ids,
		   size_t count, char words[TRUST_FAULT_MAX]);

/*
 * Find the CRL that becomes stale first among all or, with near_end, among
 * those with less than a tenth of their lifetime left; NULL if there is none.
 * seconds is the time until then; 0 if it is stale.
 */
const X509_CRL *trust_next_stale(const STACK_OF(X509_CRL) *crls, bool near_end,
				 long *seconds);

/* The reasonCode of an entry, named as in RFC 5280 section 5.3.1. */
const char *trust_revocation_reason(const X509_REVOKED *entry);

/*
 * Read and check DIR/crl.pem.  Returns STATUS_OK, with *crls NULL if there is
 * no such file, or STATUS_IDENTITY after saying why and what to do.
 */
enum status trust_load_crls(const char *path, const STACK_OF(X509) *anchors,
			    const STACK_OF(X509) *others,
			    STACK_OF(X509_CRL) **crls);

#endif
