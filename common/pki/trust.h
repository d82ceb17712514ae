/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The CAs that are trusted, and the lists of what they have revoked (CRLs).
 */
#ifndef BLESEC_TRUST_H
#define BLESEC_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/x509.h>

#include "pki/cert.h"
#include "base/diag.h"

#define TRUST_FAULT_MAX 400	/* characters, the NUL among them */

/* Certificates of a chain that was verified, the leaf and the CA among them. */
#define TRUST_CHAIN_MAX (CERT_CHAIN_MAX + 2)

/*
 * What identifies a certificate in a CRL.  The hash is that of the issuer's
 * name in the form that is compared (RFC 5280 section 7.1).  It is short, but
 * two trusted CAs with the same hash would have to use the same serial number,
 * too.  A serial number has at most 20 octets (section 4.1.2.2).
 */
struct trust_id {
	uint32_t issuer;
	uint8_t serial[20];
	uint8_t len;		/* of serial */
	uint8_t negative;	/* 0 or 1; there are such */
};

/* A copy of the certificate whose key OpenSSL looks up in libctx; or NULL. */
X509 *trust_adopt(OSSL_LIB_CTX *libctx, X509 *cert);

/*
 * Put copies of the CAs and of the CRLs (NULL: none) into the store, for
 * libctx (NULL: the default one).  False if there is no memory.
 */
bool trust_fill(X509_STORE *store, OSSL_LIB_CTX *libctx,
		const STACK_OF(X509) *anchors,
		const STACK_OF(X509_CRL) *crls);

/*
 * All CRLs of a PEM file; NULL with diag_error if it cannot be read, has none,
 * or one that cannot be read.  To be freed with sk_X509_CRL_pop_free.
 */
STACK_OF(X509_CRL) *trust_read_crls(const char *path);

/*
 * The one of these CAs (may be NULL) whose key has signed the CRL, whether it
 * may or not; or NULL.
 */
X509 *trust_crl_signer(X509_CRL *crl, const STACK_OF(X509) *cas);

/*
 * True if every CRL is complete, signed by one of the CAs given (others may be
 * NULL) that may do so, and neither early nor stale by the clock here.  Else
 * what is wrong with the first bad one, in words.
 */
bool trust_check_crls(const STACK_OF(X509_CRL) *crls,
		      const STACK_OF(X509) *anchors,
		      const STACK_OF(X509) *others,
		      char fault[TRUST_FAULT_MAX]);

/* False if its serial number is too long. */
bool trust_cert_id(const X509 *cert, struct trust_id *id);

/*
 * True if one of the CRLs revokes one of the certificates, leaf first; words
 * then say which, when and why.
 */
bool trust_revoked(const STACK_OF(X509_CRL) *crls, const struct trust_id *ids,
		   size_t count, char words[TRUST_FAULT_MAX]);

/*
 * The CRL that becomes stale first, of all or, with near_end, of those with
 * less than a tenth of their time left; NULL if there is none.  seconds says in
 * how many; 0 if it is stale.
 */
const X509_CRL *trust_next_stale(const STACK_OF(X509_CRL) *crls, bool near_end,
				 long *seconds);

/* The reasonCode of an entry, as RFC 5280 section 5.3.1 names it. */
const char *trust_revocation_reason(const X509_REVOKED *entry);

/*
 * Read and check DIR/crl.pem.  Returns STATUS_OK, with *crls NULL if there is no
 * such file; else STATUS_IDENTITY, having said why and what to do.
 */
enum status trust_load_crls(const char *path, const STACK_OF(X509) *anchors,
			    const STACK_OF(X509) *others,
			    STACK_OF(X509_CRL) **crls);

#endif
